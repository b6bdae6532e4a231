/** A path as a POSIX shell must get it, for lines that are to be copied. */
export const shellQuoted = (path: string): string =>
  /[^\w./-]/.test(path) ? `'${path.replaceAll("'", "'\\''")}'` : path;
