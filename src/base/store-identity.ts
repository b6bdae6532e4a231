import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Which addresses are one store, by their spelling alone: nothing is asked of a disk or a service, so that it is the same while
 * a drive is not connected. Links and settings are followed where it matters more, by `storePlace`.
 */

/** What all spellings of a store's whole address have in common. */
export function storeIdentity(url: string, platform: NodeJS.Platform = process.platform): string {
  const s3 = /^s3:\/\/([^?]*)(?:\?(.*))?$/i.exec(url);
  if (s3) return s3Identity(s3[1] ?? '', s3[2] ?? '');
  return folderIdentity(/^file:/i.test(url) ? pathOfUrl(url, platform) : url, platform);
}

/**
 * The same of a whole path: with `/` and without one at its end. Windows takes either slash, any letter case, blanks and dots at
 * the end of a name, and `\\?\` before all.
 */
export function folderIdentity(path: string, platform: NodeJS.Platform): string {
  if (platform !== 'win32') return posix.resolve(path).replace(/\/$/, '');
  const plain = path
    .replace(/^[\\/]{2}[?.][\\/]UNC(?=[\\/])/i, '\\')
    .replace(/^[\\/]{2}[?.][\\/](?=[a-z]:)/i, '');
  const names = win32
    .normalize(plain)
    .split('\\')
    .map((name) => name.replace(/[. ]+$/, ''));
  return names.join('/').toLowerCase().replace(/\/$/, '');
}

/** Region, style and storage class lead to no other place. */
function s3Identity(address: string, query: string): string {
  const [bucket = '', ...prefix] = address.split('/');
  const path = prefix.join('/').replace(/^\/+|\/+$/g, '');
  const values = new URLSearchParams(query);
  const [endpoint, profile] = [values.get('endpoint'), values.get('profile')];
  const kept = new URLSearchParams({
    ...(endpoint !== null && { endpoint: (URL.parse(endpoint)?.href ?? endpoint).replace(/\/$/, '') }),
    ...(profile !== null && { profile }),
  }).toString();
  return `s3://${bucket}${path === '' ? '' : `/${path}`}${kept === '' ? '' : `?${kept}`}`;
}

function pathOfUrl(url: string, platform: NodeJS.Platform): string {
  try {
    return fileURLToPath(url, { windows: platform === 'win32' });
  } catch {
    // Written on another system.
    return url;
  }
}
