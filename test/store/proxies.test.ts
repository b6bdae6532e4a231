import { describe, expect, test } from 'vitest';
import { parseProxy, proxyFor } from '../../src/store/proxies.ts';

/** User and password as the agents send them: decoded once. */
function loginOf(text: string): string[] {
  const { username, password, host } = new URL(parseProxy(text, 'HTTPS_PROXY'));
  return [decodeURIComponent(username), decodeURIComponent(password), host];
}

test.each([
  ['http://proxy:3128', ['', '', 'proxy:3128']],
  ['proxy:3128/', ['', '', 'proxy:3128']],
  ['http://user:p%ss@proxy:3128', ['user', 'p%ss', 'proxy:3128']],
  ['http://user:100%@proxy:3128', ['user', '100%', 'proxy:3128']],
  ['http://user:p%FFx@proxy:3128', ['user', 'p%FFx', 'proxy:3128']],
  ['http://user:p%40ss@proxy:3128', ['user', 'p@ss', 'proxy:3128']],
  ['http://user:p@ss@proxy:3128', ['user', 'p@ss', 'proxy:3128']],
  ['http://user:a/b#c?d:e@proxy:3128', ['user', 'a/b#c?d:e', 'proxy:3128']],
  [String.raw`http://KANTOR\budi:rahasia@proxy:8080`, [String.raw`KANTOR\budi`, 'rahasia', 'proxy:8080']],
  [String.raw`KANTOR\budi:rahasia@proxy:8080`, [String.raw`KANTOR\budi`, 'rahasia', 'proxy:8080']],
  ['http://KANTOR%5Cbudi:rahasia@proxy:8080', [String.raw`KANTOR\budi`, 'rahasia', 'proxy:8080']],
  ['https://user@[::1]:3128\r', ['user', '', '[::1]:3128']],
])('%s is taken as it stands', (text, expected) => {
  expect(loginOf(text)).toEqual(expected);
});

test.each([
  'ftp://proxy',
  'http://',
  'http://user:hunter2@',
  'socks5://proxy:1080',
  'http://user:hunter2@a b',
])('%s is refused without showing it', (text) => {
  expect(() => parseProxy(text, 'HTTPS_PROXY')).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(() => parseProxy(text, 'HTTPS_PROXY')).not.toThrow(/hunter2/);
});

describe('NO_PROXY', () => {
  test.each([
    ['http://[::1]:9000', '::1', false],
    ['http://[::1]:9000', '[::1]', false],
    ['http://[::1]:9000', '[::1]:9000', false],
    ['http://[::1]:9000', '[::1]:9001', true],
    ['http://[::1]:9000', '0:0:0:0:0:0:0:1', false],
    ['http://[::1]:9000', '::2', true],
    ['http://[fd00::12]', 'localhost,fd00::/8', false],
    ['http://10.1.2.3:9000', '10.0.0.0/8', false],
    ['http://10.1.2.3:9000', '10.2.0.0/16', true],
    ['http://10.1.2.3:9000', '10.0.0.0/40', true],
    ['http://10.1.2.3:9000', '10.1.2.3:9000', false],
    ['http://minio:9000', '10.0.0.0/8', true],
  ])('%s with %s', (address, noProxy, isProxied) => {
    const { protocol, hostname, port } = new URL(address);
    const target = { protocol, hostname, port: port === '' ? undefined : Number(port) };
    expect(proxyFor(target, { httpProxy: 'http://proxy:3128', noProxy }) !== null).toBe(isProxied);
  });
});
