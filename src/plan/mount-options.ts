// Sorts the option words of one mount by what becomes of them.

import {
  ATTRIBUTE_WORDS,
  CLASSIC_WORDS,
  EMPTY_WORDS,
  OWN_WORDS,
  PROPAGATION_WORDS,
} from '../linux/mounts.ts'

export interface MountOptions {
  readonly bind: boolean
  /** rbind, or recursive words on a bind. */
  readonly recursive: boolean
  /** MOUNT_ATTR_* to set and to clear, the last word of each pair having won. */
  readonly set: number
  readonly clear: number
  readonly recursiveSet: number
  readonly recursiveClear: number
  /** MS_* words as decimals, in the order given. */
  readonly propagation: readonly string[]
  /** For the file system: its own options, and flags like `sync`. */
  readonly data: readonly string[]
  /** MS_* that only mount(2) takes. */
  readonly classic: number
  /** Is there any word about this one mount, ro, dev, ...? */
  readonly hasAttributes: boolean
  /** idmap or ridmap; the ranges when they are behind a `=`. */
  readonly idmap: { readonly recursive: boolean; readonly ranges?: string } | undefined
  readonly words: ReadonlySet<string>
}

/** Sorts the words. */
export function parseMountOptions(words: readonly string[]): MountOptions {
  const result = { set: 0, clear: 0, recursiveSet: 0, recursiveClear: 0, classic: 0 }
  let idmap: MountOptions['idmap']
  const propagation: string[] = []
  const data: string[] = []
  for (const word of words) {
    const change = find(ATTRIBUTE_WORDS, word)
    const recursive = word.startsWith('r') ? find(ATTRIBUTE_WORDS, word.slice(1)) : undefined
    const moved = find(PROPAGATION_WORDS, word)
    const classic = find(CLASSIC_WORDS, word)
    const mapped = /^(r?)idmap(?:=(.*))?$/.exec(word)
    if (change !== undefined) {
      result.set = (result.set & ~change.clear) | change.set
      result.clear = (result.clear & ~change.set) | change.clear
    } else if (recursive !== undefined) {
      result.recursiveSet = (result.recursiveSet & ~recursive.clear) | recursive.set
      result.recursiveClear = (result.recursiveClear & ~recursive.set) | recursive.clear
    } else if (moved !== undefined) {
      propagation.push(String(moved))
    } else if (classic !== undefined) {
      result.classic = (result.classic & ~classic.clear) | classic.set
    } else if (mapped !== null) {
      const [, r, ranges] = mapped
      idmap = { recursive: r === 'r', ...(ranges === undefined ? {} : { ranges }) }
    } else if (![...EMPTY_WORDS, ...OWN_WORDS].some((own) => own === word)) {
      data.push(...splitData(word))
    }
  }
  const set = new Set(words)
  return {
    ...result,
    propagation,
    data,
    hasAttributes: words.some((word) => find(ATTRIBUTE_WORDS, word) !== undefined),
    idmap,
    words: set,
    bind: set.has('bind') || set.has('rbind'),
    recursive: set.has('rbind'),
  }
}

// A word may be the name of something that every object has.
function find<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}

/**
 * Options of the file system, one a word. Callers write several into one, as for mount(2); what is
 * quoted or escaped stays together. Quotes around the value are mount(2)'s, too.
 */
function splitData(word: string): string[] {
  const parts = word.match(/(?:"[^"]*"|\\.|[^,])+/g) ?? []
  return parts.map((part) => part.replace(/^([^="]+=)"(.*)"$/, '$1$2'))
}
