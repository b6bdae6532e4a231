import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { localhostCertificate } from '../support/localhost-certificate.ts';
import { connectProxy, tcpServer } from '../support/servers.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';
import { at, open, profile, well } from './summaries.ts';

/** What is told of a message to an address, in English, with what to do. */
async function toldOf(url: string, env: Record<string, string> = {}, timeLimitMs = 5000): Promise<string[]> {
  const notifiers = open([profile(1, { EFAKTUR_NOTIFY_URL: url }, env)], { timeLimitMs });
  const { warnings } = await notifiers.ended({ endedAt: at(0), profiles: [well(1)] }, {});
  return warnings.map(({ message, hint }) => `${message.en} / ${hint?.en}`);
}

async function caFile(): Promise<string> {
  const path = join(await tempFolder(), 'ca.pem');
  await writeFile(path, localhostCertificate.cert);
  return path;
}

describe('a service that', () => {
  test.each([301, 302, 307, 308])('points elsewhere with %i is not followed', async (status) => {
    const elsewhere = await webhookServer();
    const server = await webhookServer();
    server.answer = { status, headers: { location: `${elsewhere.url}/x` } };
    expect(await toldOf(`${server.url}/T0P`)).toEqual([
      `no message went to EFAKTUR_NOTIFY_URL (profil-1): the service points to another address (${status}), which is not followed / Open the address in a browser and write the one that it ends at.`,
    ]);
    expect(elsewhere.received).toEqual([]);
  });

  test.each<[string, WebhookServer['answer']]>([
    ['never answers', () => {}],
    ['never ends its answer', (response) => void response.write('{')],
    [
      'drips',
      (response) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s is left after the time limit', async (_name, answer) => {
    const server = await webhookServer();
    server.answer = answer;
    const begun = performance.now();
    const told = await toldOf(server.url, {}, 300);
    expect(told).toEqual([expect.stringContaining('did not answer within 10 seconds')]);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  test('takes a connection and says nothing is left, too', async () => {
    const server = await tcpServer(() => {});
    expect(await toldOf(server.endpoint, {}, 300)).toEqual([expect.stringContaining('did not answer')]);
    await server.close();
  });

  test('answers without end is read to some length', async () => {
    const server = await webhookServer();
    server.answer = (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    expect(await toldOf(server.url)).toEqual([]);
  });

  test('cuts the line is told without its address', async () => {
    const server = await tcpServer((socket) => socket.destroy());
    const told = await toldOf(`${server.endpoint}/T0P`);
    expect(told).toEqual([expect.stringContaining('Check the network and the address; it is tried again')]);
    expect(told.join()).not.toMatch(/T0P|127\.0\.0\.1/);
    await server.close();
  });

  test('is not there is told without its name', async () => {
    const told = await toldOf('https://t0p-secret.invalid/T0P');
    expect(told).toEqual([expect.stringContaining('no message went to EFAKTUR_NOTIFY_URL (profil-1): ')]);
    expect(told.join().toLowerCase()).not.toContain('t0p');
  });

  test('says what it likes is not quoted when it repeats what was sent', async () => {
    const server = await webhookServer();
    server.answer = { status: 400, body: '{"error":"T0PSECRET"}' };
    expect(await toldOf(`${server.url}/T0PSECRET`)).toEqual([
      expect.stringContaining('the service answered 400 /'),
    ]);
  });
});

describe('the way', () => {
  test('https goes with a CA file, and not without', async () => {
    const server = await webhookServer('https');
    expect(await toldOf(server.url)).toEqual([expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT')]);
    expect(server.received).toEqual([]);
    expect(await toldOf(server.url, { AWS_CA_BUNDLE: await caFile() })).toEqual([]);
    expect(server.received).toHaveLength(1);
  });

  test('goes over the proxy that stores go over, but for NO_PROXY', async () => {
    const server = await webhookServer('https');
    const seen: string[] = [];
    const proxy = await connectProxy(seen, () => {});
    const env = { AWS_CA_BUNDLE: await caFile(), https_proxy: proxy.endpoint };
    expect(await toldOf(server.url, env)).toEqual([]);
    expect(seen).toEqual([new URL(server.url).host]);
    expect(await toldOf(server.url, { ...env, NO_PROXY: '127.0.0.1' })).toEqual([]);
    expect(seen).toHaveLength(1);
    expect(server.received).toHaveLength(2);
    await proxy.close();
  });

  test('a wrong proxy or CA file is told, and nothing thrown', async () => {
    expect(await toldOf('https://127.0.0.1:1/x', { HTTPS_PROXY: 'http://:' })).toEqual([
      expect.stringContaining('HTTPS_PROXY'),
    ]);
    expect(await toldOf('https://127.0.0.1:1/x', { AWS_CA_BUNDLE: '/nowhere/ca.pem' })).toEqual([
      expect.stringContaining('/nowhere/ca.pem'),
    ]);
  });
});
