/** What file systems take as one name, and what lies well within the depth and length that they, and S3, take. */
const maxPartBytes = 255;
const maxParts = 64;
const maxPathBytes = 1024;

/**
 * True for a relative path that stays inside the folder it is joined to, on every platform: no empty, `.` or `..` part,
 * no backslash, colon or control character, none of Windows' device names; a part of at most 255 bytes, 64 parts, 1,024 bytes.
 */
export function isSafePath(path: string): boolean {
  if (path === '' || path.length > maxPathBytes || Buffer.byteLength(path) > maxPathBytes) return false;
  const parts = path.split('/');
  if (parts.length > maxParts) return false;
  return parts.every((part) => {
    if (Buffer.byteLength(part) > maxPartBytes) return false;
    if (part === '' || part === '.' || part === '..' || /[. ]$/.test(part)) return false;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (/[\\:*?"<>|\u0000-\u001f\u007f]/.test(part)) return false;
    return !/^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?$/i.test(part);
  });
}
