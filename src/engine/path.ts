// node:path, as far as the verbs of the executable use it.

import { host } from './host.ts'

export const isAbsolute = (path: string) => path.startsWith('/')

export const normalize = (path: string) => host.normalize(path)

export function join(...parts: string[]): string {
  const given = parts.filter((part) => part !== '')
  return given.length === 0 ? '.' : host.normalize(given.join('/'))
}

export function resolve(...parts: string[]): string {
  let path = ''
  for (let i = parts.length - 1; i >= 0 && !path.startsWith('/'); i--) {
    if (parts[i] !== '') path = path === '' ? parts[i]! : `${parts[i]}/${path}`
  }
  if (!path.startsWith('/')) path = path === '' ? process.cwd() : `${process.cwd()}/${path}`
  const found = host.normalize(path)
  return found.length > 1 && found.endsWith('/') ? found.slice(0, -1) : found
}

export function dirname(path: string): string {
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  const slash = path.lastIndexOf('/', end - 1)
  if (slash < 0) return '.'
  end = slash
  while (end > 1 && path[end - 1] === '/') end--
  return end === 0 ? '/' : path.slice(0, end)
}

export function basename(path: string): string {
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

export const posix = { isAbsolute, normalize, join, resolve, dirname, basename }
