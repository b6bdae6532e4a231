/**
 * True for a relative path that stays inside the folder it is joined to, on every platform: no empty, `.` or `..` part,
 * no backslash, colon or control character, none of Windows' device names.
 */
export function isSafePath(path: string): boolean {
  if (path === '' || path.length > 4096) return false;
  return path.split('/').every((part) => {
    if (part === '' || part === '.' || part === '..' || /[. ]$/.test(part)) return false;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (/[\\:*?"<>|\u0000-\u001f\u007f]/.test(part)) return false;
    return !/^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?$/i.test(part);
  });
}
