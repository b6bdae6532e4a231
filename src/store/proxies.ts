import { BlockList, isIP, isIPv6 } from 'node:net';
import { EfakturError } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { noProxyAddress, writeProxy } from './address-texts.ts';
import { throughProxy } from './texts.ts';

/** Which proxy an address is reached through, by the settings that every program shares. */

export interface Proxies {
  /** For https:// and http:// addresses; a missing scheme means http. */
  readonly httpsProxy?: string | undefined;
  readonly httpProxy?: string | undefined;
  /**
   * Host names, `.suffix` or `*.suffix`, addresses (`::1`, `[::1]:9000`) or networks (`10.0.0.0/8`), each with an optional
   * `:port`, separated by commas or blanks; `*` for all.
   */
  readonly noProxy?: string | undefined;
}

interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
}

/**
 * The address of a proxy as a setting writes it, in the form of a URL. User and password are taken as they stand: `KANTOR\user`,
 * a bare `%`, `@`, `#` or `/` in a password are what they are, and what is percent-encoded is decoded. `usage`, without showing
 * the value, when it is none.
 */
export function parseProxy(text: string, name: string): string {
  const [, scheme = 'http://', login, host = ''] =
    /^(https?:\/\/)?(?:(.*)@)?([^@/?#\\]+)\/?$/is.exec(text.trim()) ?? [];
  const [user = '', ...password] = (login ?? '').split(':');
  const shown = login === undefined ? '' : `${encoded(user)}:${encoded(password.join(':'))}@`;
  const url = host === '' ? null : URL.parse(`${scheme}${shown}${host}`);
  if (url && url.hostname !== '') return url.href;
  throw new EfakturError('usage', noProxyAddress(name), writeProxy);
}

/** Decoded where that can be, for the agents decode it once more. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(text));
  } catch {
    return encodeURIComponent(text);
  }
}

/** The proxies that settings name, in capitals or in small letters; an empty one is none. `usage` as {@link parseProxy}. */
export function proxiesIn(env: Readonly<Record<string, string | undefined>>): Proxies {
  const given = (name: string): string | undefined => env[name] || env[name.toLowerCase()] || undefined;
  const proxy = (name: string): string | undefined => {
    const text = given(name);
    return text === undefined ? undefined : parseProxy(text, name);
  };
  return { httpsProxy: proxy('HTTPS_PROXY'), httpProxy: proxy('HTTP_PROXY'), noProxy: given('NO_PROXY') };
}

/** The proxy for an address, or null when it is reached directly. */
export function proxyFor(
  { protocol, hostname, port }: Target,
  { httpsProxy, httpProxy, noProxy }: Proxies,
): URL | null {
  const proxy = protocol === 'https:' ? httpsProxy : httpProxy;
  if (!proxy) return null;
  const target = bareHost(hostname.toLowerCase());
  const targetPort = port ?? (protocol === 'https:' ? 443 : 80);
  for (const entry of (noProxy ?? '').toLowerCase().split(/[\s,]+/)) {
    const { name, port: entryPort } = splitPort(entry);
    if (name === '' || (entryPort !== null && entryPort !== targetPort)) continue;
    const suffix = name.replace(/^\*?\.?/, '');
    if (name === '*' || target === suffix || target.endsWith(`.${suffix}`)) return null;
    if (isAmong(target, name)) return null;
  }
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

/** What is tried to reach an address, for messages: `HOST:PORT`, with the proxy where there is one. */
export function triedAddress(target: Target, proxies: Proxies): Text {
  const portOf = (protocol: string, port: number | string | undefined): string =>
    String(port || (protocol === 'https:' ? 443 : 80));
  const to = `${target.hostname}:${portOf(target.protocol, target.port)}`;
  const proxy = proxyFor(target, proxies);
  return proxy === null
    ? verbatim(to)
    : throughProxy(to, `${proxy.hostname}:${portOf(proxy.protocol, proxy.port)}`);
}

const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** An IPv6 address is written as it is, or in brackets where a port follows. */
function splitPort(entry: string): { name: string; port: number | null } {
  if (isIPv6(entry)) return { name: entry, port: null };
  const [, name = entry, port] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
  const [, inBrackets, portAfter] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? [];
  if (inBrackets !== undefined) return { name: inBrackets, port: portAfter ? Number(portAfter) : null };
  return { name, port: port ? Number(port) : null };
}

/** Whether an address is the one named, in whatever form, or of the network named (`10.0.0.0/8`). */
function isAmong(target: string, name: string): boolean {
  const [address = '', bits, more] = name.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(target) === 0 || more !== undefined) return false;
  const most = family === 'ipv6' ? 128 : 32;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(length <= most)) return false;
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return list.check(target, isIPv6(target) ? 'ipv6' : 'ipv4');
}
