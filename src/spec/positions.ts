// Where things stand in JSON text; only loaded with work when there is something to report.

// The package's main file cannot be bundled; this one works bundled and unbundled.
import { type Node, type ParseError, parseTree } from 'jsonc-parser/lib/esm/main.js'
import { error, keysOf, type Path, type Problem, pointerOf, quote, warning } from './problem.ts'

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }

/** Text of the parser's error codes, by their number. */
const SYNTAX: Readonly<Record<number, string>> = {
  1: 'invalid symbol',
  2: 'invalid number',
  3: 'expected a property name in double quotes',
  4: 'expected a value',
  5: 'expected a colon',
  6: 'expected a comma',
  7: 'expected }',
  8: 'expected ]',
  9: 'expected the end of the file',
  10: 'comments are not allowed',
  11: 'unfinished comment',
  12: 'unfinished string',
  13: 'unfinished number',
  14: 'invalid unicode escape',
  15: 'invalid escape',
  16: 'invalid character',
}

/** JSON text as a tree with offsets. */
export function readTree(text: string): Node | undefined {
  return parseTree(text, [], STRICT)
}

/** The syntax error of text that JSON.parse refused. */
export function findSyntaxError(text: string): Problem {
  const errors: ParseError[] = []
  parseTree(text, errors, STRICT)
  const [first] = errors
  if (text.trim() === '') return placed(error([], 'not JSON: the file is empty'), text, 0)
  // The engine's own words quote the text around.
  if (first === undefined) return placed(error([], 'not JSON: syntax error'), text, 0)
  const end = first.offset >= text.trimEnd().length
  const what = SYNTAX[first.error] ?? 'syntax error'
  const message = `not JSON: ${what}${end ? ', but the file ends' : ''}`
  return placed(error([], message), text, first.offset)
}

/** One warning for each key that comes again in its object. */
export function findDuplicates(tree: Node | undefined): Problem[] {
  const problems: Problem[] = []
  const visit = (node: Node, path: Path): void => {
    if (node.type === 'array') {
      for (const [i, child] of (node.children ?? []).entries()) visit(child, [...path, i])
    }
    if (node.type !== 'object') return
    const seen = new Set<string>()
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? []
      const inner = [...path, key?.value]
      if (seen.has(key?.value)) {
        const message = `duplicate property ${quote(key?.value)}: the last one counts`
        problems.push(warning(inner, message, { key: true }))
      }
      seen.add(key?.value)
      if (value !== undefined) visit(value, inner)
    }
  }
  if (tree !== undefined) visit(tree, [])
  return problems
}

/** The same problems with line and column, in the order of the file. */
export function placeProblems(problems: readonly Problem[], text: string): Problem[] {
  const tree = readTree(text)
  const starts = lineStarts(text)
  const placed = problems.map((problem): Required<Pick<Problem, 'line' | 'column'>> & Problem => {
    if (problem.line !== undefined && problem.column !== undefined) {
      return { ...problem, line: problem.line, column: problem.column }
    }
    return { ...problem, ...positionOf(offsetOf(tree, problem), starts) }
  })
  return placed.sort((a, b) => a.line - b.line || a.column - b.column)
}

/** A problem at an offset of the text. */
export function placed(problem: Problem, text: string, offset: number): Problem {
  return { ...problem, ...positionOf(offset, lineStarts(text)) }
}

function offsetOf(tree: Node | undefined, problem: Problem): number {
  let node = tree
  for (const key of keysOf(problem.pointer)) {
    const next = childOf(node, key)
    if (next === undefined) break // the property that is missing
    node = next
  }
  if (problem.key && node?.parent?.type === 'property') node = node.parent
  return node?.offset ?? 0
}

function childOf(node: Node | undefined, key: string): Node | undefined {
  if (node?.type === 'array') return node.children?.[Number(key)]
  if (node?.type !== 'object') return undefined
  const named = (isMeant: (name: string) => boolean) =>
    node.children?.findLast((child) => isMeant(String(child.children?.[0]?.value)))
  // A name in other letters is read as the one that is known.
  const lower = key.toLowerCase()
  const found = named((name) => name === key) ?? named((name) => name.toLowerCase() === lower)
  return found?.children?.[1]
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

function positionOf(offset: number, starts: readonly number[]): { line: number; column: number } {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - starts[low]! + 1 }
}

/** A number that a double cannot hold exactly: where it stands, and its digits. */
export interface LargeInteger {
  readonly pointer: string
  readonly digits: string
}

/** All of them. */
export function findLargeIntegers(tree: Node | undefined, text: string): LargeInteger[] {
  const found: LargeInteger[] = []
  const visit = (node: Node, path: Path): void => {
    if (node.type === 'number' && !Number.isSafeInteger(node.value)) {
      const digits = text.slice(node.offset, node.offset + node.length)
      if (/^-?\d+$/.test(digits)) found.push({ pointer: pointerOf(path), digits })
    }
    for (const [i, child] of (node.children ?? []).entries()) {
      if (node.type === 'array') visit(child, [...path, i])
      else if (child.children?.[1]) visit(child.children[1], [...path, child.children[0]?.value])
    }
  }
  if (tree !== undefined) visit(tree, [])
  return found
}
