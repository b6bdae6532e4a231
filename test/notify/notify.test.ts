import { describe, expect, test } from 'vitest';
import type { SentRecord } from '../../src/notify/notify.ts';
import type { ProfileSummary } from '../../src/notify/summary.ts';
import { webhookServer } from '../support/webhook-server.ts';
import { at, attention, failing, open, profile, well } from './summaries.ts';

describe('a ping', () => {
  test.each([
    ['/ping/5bf66975', '/ping/5bf66975/start', '/ping/5bf66975/10'],
    ['/ping/5bf66975/', '/ping/5bf66975/start', '/ping/5bf66975/10'],
    ['/key/kasir?create=1', '/key/kasir/start?create=1', '/key/kasir/10?create=1'],
    ['/k/s//?create=1&rid=a%20b#top', '/k/s/start?create=1&rid=a%20b', '/k/s/10?create=1&rid=a%20b'],
    ['', '/start', '/10'],
  ])('%s', async (path, first, last) => {
    const server = await webhookServer();
    const settings = { EFAKTUR_PING_URL: server.url + path };
    const notifiers = open([1, 2].map((number) => profile(number, settings)));
    await notifiers.started();
    const { warnings } = await notifiers.ended({ endedAt: at(0), profiles: [well(1), failing(2)] }, {});
    expect(warnings).toEqual([]);
    expect(server.received.map(({ method, path: got, body }) => [method, got, body])).toEqual([
      ['POST', first, ''],
      ['POST', last, 'ok=1 attention=0 failed=1'],
    ]);
  });

  test('says the exit code of what failed before that of what needs attention, and 0 when all is well', async () => {
    const server = await webhookServer();
    const notifiers = open([1, 2, 3].map((number) => profile(number, { EFAKTUR_PING_URL: server.url })));
    for (const profiles of [
      [attention(1), failing(2, 'wrong-key', 12), well(3)],
      [attention(1), well(2), well(3)],
      [well(1), well(2), well(3)],
    ])
      await notifiers.ended({ endedAt: at(0), profiles }, {});
    expect(server.received.map(({ path }) => path)).toEqual(['/12', '/20', '/0']);
  });

  test('each address has the outcome of its own profiles', async () => {
    const server = await webhookServer();
    const profiles = ['a', 'b'].map((check, i) =>
      profile(i + 1, { EFAKTUR_PING_URL: `${server.url}/${check}` }),
    );
    await open(profiles).ended({ endedAt: at(0), profiles: [well(1), failing(2)] }, {});
    expect(server.received.map(({ path }) => path).sort()).toEqual(['/a/0', '/b/10']);
  });

  test('that fails at the start is made at the end all the same, and told once', async () => {
    const server = await webhookServer();
    server.answer = { status: 404, body: 'not found' };
    const notifiers = open([profile(1, { EFAKTUR_PING_URL: `${server.url}/uuid-secret` })]);
    await notifiers.started();
    const { warnings } = await notifiers.ended({ endedAt: at(0), profiles: [well(1)] }, {});
    expect(server.received.map(({ path }) => path)).toEqual(['/uuid-secret/start', '/uuid-secret/0']);
    expect(warnings.map(({ code, message }) => [code, message.en])).toEqual([
      ['not-notified', 'no message went to EFAKTUR_PING_URL (profil-1): the service answered 404'],
    ]);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });

  test('that failed at the start alone is told, too', async () => {
    const server = await webhookServer();
    const notifiers = open([profile(1, { EFAKTUR_PING_URL: server.url })]);
    server.answer = { status: 502 };
    await notifiers.started();
    server.answer = {};
    const { warnings } = await notifiers.ended({ endedAt: at(0), profiles: [well(1)] }, {});
    expect(warnings.map(({ message }) => message.en)).toEqual([expect.stringContaining('answered 502')]);
  });

  test('of a check that is not there is told, though the answer is 200', async () => {
    const server = await webhookServer();
    server.answer = { body: 'OK (not found)' };
    const notifiers = open([profile(1, { EFAKTUR_PING_URL: server.url })]);
    const { warnings } = await notifiers.ended({ endedAt: at(0), profiles: [well(1)] }, {});
    expect(warnings.map(({ message }) => message.en)).toEqual([
      expect.stringContaining('did not take the message: OK (not found)'),
    ]);
  });
});

describe('messages', () => {
  /** What comes of runs one after the other, each as the last one left the record: what each message says of its state. */
  async function said(runs: readonly (readonly [number, readonly ProfileSummary[]])[]): Promise<string[]> {
    const server = await webhookServer();
    const numbers = [...new Set(runs.flatMap(([, ran]) => ran.map(({ number }) => number)))];
    const profiles = numbers.map((number) => profile(number, { EFAKTUR_NOTIFY_URL: server.url }));
    let sent: SentRecord = {};
    const heard: string[] = [];
    for (const [hours, ran] of runs) {
      const outcome = await open(profiles).ended({ endedAt: at(hours), profiles: ran }, sent);
      sent = JSON.parse(JSON.stringify(outcome.sent));
      heard.push(server.received.splice(0).map(({ body }) => JSON.parse(body).status)[0] ?? '-');
    }
    return heard;
  }

  test('the first run says that messages come; then silence, and a week later one', async () => {
    const runs = [0, 1, 24, 100, 167, 168, 169, 335].map((hours) => [hours, [well(1)]] as const);
    expect(await said(runs)).toEqual(['safe', '-', '-', '-', 'still safe', '-', '-', 'still safe']);
  });

  test('what gets worse is told at once and not again, what is well again after some calm', async () => {
    const runs = [
      [0, [well(1)]],
      [1, [failing(1)]],
      [2, [failing(1)]],
      [3, [well(1)]],
      [4, [well(1)]],
      [5, [well(1)]],
    ] as const;
    expect(await said(runs)).toEqual(['safe', 'failed', '-', '-', 'safe again', '-']);
  });

  test('a disk that comes and goes each hour rings some times a day, not each hour', async () => {
    const runs = Array.from({ length: 24 }, (_, i) => [i, [i % 2 === 0 ? well(1) : failing(1)]] as const);
    const heard = (await said(runs)).filter((one) => one !== '-');
    expect(heard.length).toBeLessThanOrEqual(13);
    expect(heard).toContain('failed');
  });

  test('worse than it was told is told at once, another code of the same after some calm', async () => {
    const runs = [
      [0, [attention(1)]],
      [1, [failing(1, 'wrong-key', 12)]],
      [2, [failing(1, 'access-denied', 14)]],
      [5, [failing(1, 'access-denied', 14)]],
    ] as const;
    expect(await said(runs)).toEqual(['needs attention', 'failed', '-', 'failed']);
  });

  test('a week of trouble is told again', async () => {
    const runs = [
      [0, [failing(1)]],
      [100, [failing(1)]],
      [168, [failing(1)]],
    ] as const;
    expect(await said(runs)).toEqual(['failed', '-', 'still failing']);
  });

  test('a clock that was set back by a year keeps nothing from coming', async () => {
    const runs = [
      [0, [well(1)]],
      [-9000, [well(1)]],
      [-8999, [well(1)]],
      [-8998, [failing(1)]],
    ] as const;
    expect(await said(runs)).toEqual(['safe', 'still safe', '-', 'failed']);
  });

  test('a run that somebody stopped is told to nobody', async () => {
    const runs = [
      [0, [well(1)]],
      [1, [failing(1, 'interrupted', 130)]],
      [2, [well(1)]],
    ] as const;
    expect(await said(runs)).toEqual(['safe', '-', '-']);
  });

  test('forty profiles at one address are one message, with those that are wrong', async () => {
    const all = Array.from({ length: 40 }, (_, i) => i + 1);
    const runs = [[0, all.map((n) => (n === 3 ? failing(3) : n === 7 ? attention(7) : well(n)))]] as const;
    expect(await said(runs)).toEqual(['38 safe, 1 needs attention, 1 failed']);
  });

  test('a run of one profile says nothing of the others, and forgets nothing of them', async () => {
    const runs = [
      [0, [well(1), failing(2)]],
      [4, [well(1)]],
      [8, [well(1), failing(2)]],
      [9, [well(1), well(2)]],
    ] as const;
    expect(await said(runs)).toEqual(['1 safe, 1 failed', '-', '-', '2 safe again']);
  });

  test('what was not delivered is due again, and told', async () => {
    const server = await webhookServer();
    const notifiers = open([profile(1, { EFAKTUR_NOTIFY_URL: `${server.url}/hook/T0PSECRET` })]);
    server.answer = { status: 503 };
    const first = await notifiers.ended({ endedAt: at(0), profiles: [failing(1)] }, {});
    expect(first.sent).toEqual({});
    expect(first.warnings.map(({ code, message, hint }) => [code, message.en, hint?.en])).toEqual([
      [
        'not-notified',
        'no message went to EFAKTUR_NOTIFY_URL (profil-1): the service answered 503',
        'It is tried again at the next run.',
      ],
    ]);
    server.answer = {};
    const second = await notifiers.ended({ endedAt: at(1), profiles: [failing(1)] }, first.sent);
    expect(second.warnings).toEqual([]);
    expect(Object.values(second.sent)).toEqual([
      { at: at(1).toISOString(), states: { 1: 'failed store-unavailable' } },
    ]);
    expect(JSON.stringify([first, second])).not.toContain('T0PSECRET');
    expect(server.received).toHaveLength(2);
  });

  test('names: those chosen, profil-N, and a number where several have one', async () => {
    const server = await webhookServer();
    const to = { EFAKTUR_NOTIFY_URL: server.url };
    const profiles = [
      profile(1, { ...to, EFAKTUR_NOTIFY_NAME: 'Kantor "A" \\ {hint}' }),
      profile(2, to),
      profile(3, { ...to, EFAKTUR_NOTIFY_NAME: 'Budi' }),
      profile(4, { ...to, EFAKTUR_NOTIFY_NAME: 'Budi' }),
    ];
    const ran = [1, 2, 3, 4].map((number) => failing(number));
    await open(profiles).ended({ endedAt: at(0), profiles: ran }, {});
    const [message] = server.received;
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      name: 'Kantor "A" \\ {hint}, profil-2, Budi (3), Budi (4)',
      status: '4 failed',
      outcome: 'failed',
      exit: 10,
    });
  });

  test('a name for all stands before them, as several PCs may write to one chat', async () => {
    const server = await webhookServer();
    const common = { EFAKTUR_NOTIFY_URL: server.url, EFAKTUR_NOTIFY_NAME: 'PC kasir' };
    const profiles = [
      profile(1, {}, {}, common),
      profile(2, { EFAKTUR_NOTIFY_NAME: 'Budi' }, {}, common),
      profile(3, {}, {}, common),
    ];
    const heard = async (ran: readonly ProfileSummary[], of = profiles) => {
      await open(of).ended({ endedAt: at(0), profiles: ran }, {});
      const { name, text } = JSON.parse(server.received.pop()?.body ?? '');
      return [name, text.split('\n')[0]];
    };
    expect(await heard([well(1), failing(2), failing(3)])).toEqual([
      ...['PC kasir: Budi, profil-3', 'eFaktur Cloud (PC kasir): 1 safe, 2 failed'],
    ]);
    expect(await heard([well(1), well(2), well(3)])).toEqual([
      ...['PC kasir: 3 profiles', 'eFaktur Cloud (PC kasir): 3 safe'],
    ]);
    expect(await heard([failing(3)], profiles.slice(2))).toEqual([
      ...['PC kasir: profil-3', 'eFaktur Cloud (PC kasir): profil-3: failed'],
    ]);
  });

  test('in Indonesian, as a phone shows it', async () => {
    const server = await webhookServer();
    const profiles = Array.from({ length: 40 }, (_, i) =>
      profile(i + 1, { EFAKTUR_NOTIFY_URL: server.url, EFAKTUR_NOTIFY_BODY: '{text}' }),
    );
    const ran = profiles.map(({ number }) =>
      number === 3 ? failing(3) : number === 7 ? attention(7) : well(number),
    );
    await open(profiles, { language: 'id' }).ended({ endedAt: at(0), profiles: ran }, {});
    expect(server.received[0]?.body.split('\n')).toEqual([
      'eFaktur Cloud: 38 aman, 1 perlu perhatian, 1 gagal',
      '- profil-3: gagal, cadangan terbaru: 2 hari (store-unavailable, 10)',
      '- profil-7: perlu perhatian, cadangan terbaru: 8 hari (old-backup, 20)',
      expect.stringContaining('sambungkan disk USB'),
      expect.stringContaining('Cadangan terbaru sudah lama'),
    ]);
    expect(server.received[0]?.headers['content-type']).toBe('text/plain; charset=utf-8');
  });
});

test('settings that make no address are told once for all who share them, and keep the others from nothing', async () => {
  const server = await webhookServer();
  const profiles = [
    ...[1, 2].map((number) => profile(number, { EFAKTUR_NOTIFY_PRESET: 'whatsapp' })),
    profile(3, { EFAKTUR_NOTIFY_URL: server.url }),
  ];
  const ran = [1, 2, 3].map((number) => well(number));
  const { warnings } = await open(profiles).ended({ endedAt: at(0), profiles: ran }, {});
  expect(warnings.map(({ message }) => message.en)).toEqual([
    'no message went to anybody (profil-1 and profil-2): EFAKTUR_NOTIFY_PRESET: there is no such preset',
  ]);
  expect(server.received).toHaveLength(1);
});

test('a test message is marked, goes to each address once, and to a check as an entry of its log', async () => {
  const server = await webhookServer();
  const profiles = [1, 2].map((number) =>
    profile(number, { EFAKTUR_PING_URL: `${server.url}/ping`, EFAKTUR_NOTIFY_URL: `${server.url}/hook` }),
  );
  const tested = await open(profiles).test();
  expect(tested.map(({ label, numbers, failure }) => [label.en, numbers, failure])).toEqual([
    ['EFAKTUR_PING_URL', [1, 2], null],
    ['EFAKTUR_NOTIFY_URL', [1, 2], null],
  ]);
  expect(server.received.map(({ path }) => path).sort()).toEqual(['/hook', '/ping/log']);
  const message = server.received.find(({ path }) => path === '/hook');
  expect(JSON.parse(message?.body ?? '').text).toContain('TEST MESSAGE');
});
