// Becomes dist/compile.cjs, with which Node compiles bundles: it runs the script of the quick engine,
// with the code that V8 made of it before. To parse and load the script takes longer than a compile.
'use strict'

const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const filename = join(__dirname, 'engine.cjs')
const codeFile = join(__dirname, 'engine.code')

// V8 looks whether it is of this V8 and this script, and takes the script alone if not.
function readCode() {
  try {
    return readFileSync(codeFile)
  } catch {
    return undefined // it is made where the package is built or installed
  }
}

const script = new Script(
  `(function(require,__filename){${readFileSync(filename, 'latin1')}\n})`, // it is ASCII
  { filename, cachedData: readCode() },
)
if (process.env.TSOCI_KEEP_CODE !== undefined) {
  process.on('exit', () => writeFileSync(codeFile, script.createCachedData()))
}
script.runInThisContext()(require, filename)
