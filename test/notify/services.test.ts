import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { messageTarget, pingTarget } from '../../src/notify/targets.ts';
import { type Fields, fill } from '../../src/notify/template.ts';
import { webhookServer } from '../support/webhook-server.ts';
import { at, failing, open, profile, type Values, well } from './summaries.ts';

/** What a service answers to a message, by its own documents. */
async function sentTo(
  preset: string,
  values: Values,
  answer: { status?: number; body?: string },
): Promise<{ request: Awaited<ReturnType<typeof webhookServer>>['received'][number]; warnings: string[] }> {
  const server = await webhookServer();
  server.answer = answer;
  const settings = { EFAKTUR_NOTIFY_PRESET: preset, EFAKTUR_NOTIFY_URL: server.url, ...values };
  const { warnings } = await open([profile(1, settings)]).ended(
    { endedAt: at(0), profiles: [failing(1)] },
    {},
  );
  const [request] = server.received;
  if (!request || server.received.length > 1) throw new Error(`${server.received.length} requests`);
  return { request, warnings: warnings.map(({ message }) => message.en) };
}

describe('WhatsApp by Fonnte', () => {
  const values = { EFAKTUR_NOTIFY_TOKEN: 'sUqj+UG+@3#Sm', EFAKTUR_NOTIFY_TO: '08123456789,628111' };

  test('takes a form, with the bare token in a header', async () => {
    const answer = { body: '{"detail":"success! message in queue","id":["80367170"],"status":true}' };
    const { request, warnings } = await sentTo('Fonnte', values, answer);
    expect(warnings).toEqual([]);
    expect([request.method, request.path]).toEqual(['POST', '/send']);
    expect(request.headers.authorization).toBe('sUqj+UG+@3#Sm');
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const form = new URLSearchParams(request.body);
    expect(form.get('target')).toBe('08123456789,628111');
    expect(form.get('message')).toContain('eFaktur Cloud: profil-1: failed\n');
  });

  test.each([
    ['{"reason":"token invalid","status":false}', 'the service did not take the message: token invalid'],
    ['{"reason":"invalid 08123456789","status":false}', 'it gave no reason'],
    ['<html>login</html>', 'it gave no reason'],
    ['', 'it gave no reason'],
  ])('says no with 200: %s', async (body, said) => {
    const { warnings } = await sentTo('fonnte', values, { body });
    expect(warnings).toEqual([expect.stringContaining(said)]);
    expect(warnings.join()).toContain('no message went to Fonnte (profil-1)');
  });
});

describe('Telegram', () => {
  const values = { EFAKTUR_NOTIFY_TOKEN: 'bot123456:ABC-DEF1234ghIkl', EFAKTUR_NOTIFY_TO: '-1001234567890' };

  test('takes JSON at the address of the bot', async () => {
    const answer = { body: '{"ok":true,"result":{"message_id":1}}' };
    const { request, warnings } = await sentTo('telegram', values, answer);
    expect(warnings).toEqual([]);
    expect(request.path).toBe('/bot123456:ABC-DEF1234ghIkl/sendMessage');
    expect(JSON.parse(request.body)).toEqual({
      chat_id: '-1001234567890',
      text: expect.stringContaining('profil-1: failed'),
    });
  });

  test.each([
    [
      400,
      '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
      'answered 400: Bad Request: chat not found',
    ],
    [401, '{"ok":false,"error_code":401,"description":"Unauthorized"}', 'answered 401: Unauthorized'],
    [200, '{"ok":false,"description":"x"}', 'did not take the message: x'],
    [502, '<html>ABC-DEF1234ghIkl</html>', 'answered 502'],
  ])('says no with %i: %s', async (status, body, said) => {
    const { warnings } = await sentTo('telegram', values, { status, body });
    expect(warnings.join()).toContain(said);
    expect(warnings.join()).not.toContain('ABC-DEF');
  });
});

describe('ntfy', () => {
  const taken = { body: '{"id":"sPs71M8A2T","time":1643935928,"event":"message","topic":"x"}' };

  test('takes the message as the body, at the topic, with a token where there is one', async () => {
    const values = { EFAKTUR_NOTIFY_TO: 'kantor-x7Kq', EFAKTUR_NOTIFY_TOKEN: 'tk_abc' };
    const { request, warnings } = await sentTo('ntfy', values, taken);
    expect(warnings).toEqual([]);
    expect([request.method, request.path, request.headers.authorization]).toEqual([
      ...['POST', '/kantor-x7Kq', 'Bearer tk_abc'],
    ]);
    expect(request.body).toContain('profil-1: failed');
  });

  test('the topic may stand in the address, headers of its own come along, and the text is the user\u2019s', async () => {
    const server = await webhookServer();
    server.answer = taken;
    const settings = {
      EFAKTUR_NOTIFY_PRESET: 'ntfy',
      EFAKTUR_NOTIFY_URL: `${server.url.replace('//', '//ani:kata%20sandi@')}/kantor/`,
      EFAKTUR_NOTIFY_HEADERS: 'Priority: high; Tags: floppy_disk',
      EFAKTUR_NOTIFY_BODY: '{name}: {status}\\n{hint}',
    };
    await open([profile(1, settings)]).ended({ endedAt: at(0), profiles: [well(1)] }, {});
    const [request] = server.received;
    expect([request?.path, request?.headers.priority, request?.headers.tags]).toEqual([
      '/kantor',
      'high',
      'floppy_disk',
    ]);
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('ani:kata sandi').toString('base64')}`);
    expect(request?.body).toBe('profil-1: safe\nThere is nothing to do.');
  });

  test.each([
    [403, '{"code":40301,"http":403,"error":"forbidden"}', 'answered 403: forbidden'],
    [
      429,
      '{"code":42901,"http":429,"error":"limit reached: too many requests"}',
      'answered 429: limit reached',
    ],
    [200, '<html>Wifi login</html>', 'it gave no reason'],
  ])('says no with %i', async (status, body, said) => {
    const { warnings } = await sentTo('ntfy', { EFAKTUR_NOTIFY_TO: 'kantor' }, { status, body });
    expect(warnings.join()).toContain(said);
  });
});

describe('any other service', () => {
  const name = 'Budi & "Ani" <x> \\ 100%\u00e9';
  async function requestFor(values: Values) {
    const server = await webhookServer();
    const { EFAKTUR_NOTIFY_URL: path = '/', ...rest } = values;
    const settings = { ...rest, EFAKTUR_NOTIFY_URL: server.url + path, EFAKTUR_NOTIFY_NAME: name };
    const { warnings } = await open([profile(1, settings)]).ended(
      { endedAt: at(0), profiles: [well(1)] },
      {},
    );
    expect(warnings).toEqual([]);
    return server.received[0];
  }

  test('JSON, by its look', async () => {
    const request = await requestFor({ EFAKTUR_NOTIFY_BODY: '{"content":"{name} is {status}","n":{exit}}' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request?.body ?? '')).toEqual({ content: `${name} is safe`, n: 0 });
  });

  test('a form, by its header', async () => {
    const request = await requestFor({
      EFAKTUR_NOTIFY_HEADERS: 'Content-Type: application/x-www-form-urlencoded; X-Key: a: b; c=d',
      EFAKTUR_NOTIFY_BODY: 'pesan={name}&umur={age}',
    });
    expect([...new URLSearchParams(request?.body)]).toEqual([
      ['pesan', name],
      ['umur', '3 hours'],
    ]);
    expect(request?.headers['x-key']).toBe('a: b; c=d');
  });

  test('XML, by its header in JSON', async () => {
    const request = await requestFor({
      EFAKTUR_NOTIFY_HEADERS: '{"Content-Type":"text/xml; charset=utf-8"}',
      EFAKTUR_NOTIFY_BODY: '<m>{name}</m>',
    });
    expect(request?.body).toBe('<m>Budi &amp; &quot;Ani&quot; &lt;x&gt; \\ 100%\u00e9</m>');
  });

  test('plain, and what begins like JSON but is none', async () => {
    const request = await requestFor({ EFAKTUR_NOTIFY_BODY: '[e-Faktur] {name}' });
    expect([request?.headers['content-type'], request?.body]).toEqual([
      'text/plain; charset=utf-8',
      `[e-Faktur] ${name}`,
    ]);
  });

  test('GET, with all of it in the address', async () => {
    const request = await requestFor({
      EFAKTUR_NOTIFY_METHOD: 'get',
      EFAKTUR_NOTIFY_URL: '/hook/{outcome}?a=b&text={name}#x',
    });
    expect([request?.method, request?.body]).toEqual(['GET', '']);
    const url = new URL(request?.path ?? '', 'http://x');
    expect([url.pathname, url.searchParams.get('text'), url.searchParams.get('a')]).toEqual([
      '/hook/ok',
      name,
      'b',
    ]);
  });

  test('PUT without a body of its own has the whole message, for any chat', async () => {
    const request = await requestFor({ EFAKTUR_NOTIFY_METHOD: 'PUT' });
    expect(request?.method).toBe('PUT');
    expect(JSON.parse(request?.body ?? '').text).toContain(`eFaktur Cloud: ${name}: safe`);
  });
});

test('whatever is put in stays one value', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '&', '=', '%', '+', '{', '}', '\n', 'a') }),
  );
  fc.assert(
    fc.property(
      value.filter((text) => text.isWellFormed()),
      (text) => {
        const fields: Fields = {
          status: text,
          name: text,
          age: '',
          hint: '{name}',
          text,
          outcome: 'ok',
          exit: '0',
        };
        expect(JSON.parse(fill('{"a":"{name}","b":["{hint}"]}', fields, 'json'))).toEqual({
          a: text,
          b: ['{name}'],
        });
        expect([...new URLSearchParams(fill('a={name}&b=1', fields, 'form'))]).toEqual([
          ['a', text],
          ['b', '1'],
        ]);
        const url = new URL(fill('https://x/{name}?a={text}', fields, 'url'));
        expect(url.searchParams.get('a')).toBe(text);
        expect([url.host, url.hash]).toEqual(['x', '']);
      },
    ),
  );
});

describe('what makes no address is told, without it', () => {
  const secret = 'T0pSecretXyz';
  const https = `https://hooks.example.com/${secret}`;
  test.each<[string, Values]>([
    ['no web address', { EFAKTUR_NOTIFY_URL: `hooks.example.com/${secret}` }],
    ['no web address', { EFAKTUR_NOTIFY_URL: `ftp://x/${secret}` }],
    ['no web address', { EFAKTUR_PING_URL: secret }],
    ['with http://', { EFAKTUR_NOTIFY_URL: `http://hooks.example.com/${secret}` }],
    ['with http://', { EFAKTUR_PING_URL: `http://8.8.8.8/${secret}` }],
    ['ends in /start', { EFAKTUR_PING_URL: `https://hc-ping.com/${secret}/start` }],
    ['no such preset', { EFAKTUR_NOTIFY_PRESET: 'signal' }],
    ['needs EFAKTUR_NOTIFY_TOKEN', { EFAKTUR_NOTIFY_PRESET: 'fonnte', EFAKTUR_NOTIFY_TO: secret }],
    ['needs EFAKTUR_NOTIFY_TO', { EFAKTUR_NOTIFY_PRESET: 'telegram', EFAKTUR_NOTIFY_TOKEN: `1:${secret}` }],
    ['needs EFAKTUR_NOTIFY_TO', { EFAKTUR_NOTIFY_PRESET: 'ntfy' }],
    [
      'no token of Telegram',
      { EFAKTUR_NOTIFY_PRESET: 'telegram', EFAKTUR_NOTIFY_TO: '1', EFAKTUR_NOTIFY_TOKEN: `${secret}/../x` },
    ],
    [
      'has its own',
      { EFAKTUR_NOTIFY_PRESET: 'ntfy', EFAKTUR_NOTIFY_TO: secret, EFAKTUR_NOTIFY_METHOD: 'PUT' },
    ],
    ['no method', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_METHOD: 'DELETE' }],
    ['no list of headers', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_HEADERS: secret }],
    ['no list of headers', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_HEADERS: `Host: ${secret}` }],
    ['no list of headers', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_HEADERS: `A: ${secret}; a: x` }],
    ['no JSON', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_BODY: `{"text":{text},"k":"${secret}"}` }],
    ['in braces', { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_BODY: `{stauts} ${secret}` }],
    ['in braces', { EFAKTUR_NOTIFY_URL: `${https}?t={profile}` }],
    ['name of the server', { EFAKTUR_NOTIFY_URL: `https://{name}.example.com/${secret}` }],
    ['name of the server', { EFAKTUR_NOTIFY_URL: `https://{text}/${secret}` }],
    [
      'by GET has no body',
      { EFAKTUR_NOTIFY_URL: https, EFAKTUR_NOTIFY_METHOD: 'GET', EFAKTUR_NOTIFY_BODY: 'x' },
    ],
    ['neither EFAKTUR_NOTIFY_PRESET', { EFAKTUR_NOTIFY_TOKEN: secret }],
  ])('%s: %j', (said, values) => {
    const { config } = profile(1, values);
    try {
      pingTarget(config);
      messageTarget(config);
    } catch (error) {
      if (!isEfakturError(error, 'usage')) throw error;
      expect(error.message).toContain(said);
      expect(JSON.stringify([error.text, error.hint, error.stack])).not.toContain(secret);
      return;
    }
    expect.unreachable();
  });

  test('http:// is taken for this PC and the office', () => {
    for (const host of [
      'localhost:8080',
      '127.0.0.1',
      '192.168.1.5:2586',
      '10.0.0.9',
      'nas',
      'ntfy.lan',
      '[::1]',
      '[fd00::1]',
    ])
      expect(pingTarget(profile(1, { EFAKTUR_PING_URL: `http://${host}/x` }).config), host).not.toBeNull();
  });
});
