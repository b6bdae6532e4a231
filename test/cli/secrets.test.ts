import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { settingNames } from '../../src/settings/config.ts';
import { isOfMessages } from '../../src/settings/connection-settings.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { newKey } from '../crypto/age-files.ts';
import { keysOf, makeWorld, treeOf } from '../support/cli.ts';
import { leaksIn, secretsFile, unwordedIn } from '../support/leaks.ts';
import { makeBucket, s3Env } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';

/** Secrets come by environment and files only, and go nowhere. The whole test run is searched at its end, too. */

test('no flag takes a secret: a command line is seen by every program on the PC', () => {
  for (const { name, flags } of commands) {
    for (const [flag, { type, names }] of Object.entries({ ...commonFlags, ...flags })) {
      // A file that holds one is no secret, nor is a public key.
      const isPublic = (names === 'path' && flag.endsWith('-file')) || flag === 'recipients';
      if (type === 'string' && !isPublic)
        expect(flag, name).not.toMatch(/key|secret|pass|token|identity|credential|recipient|user|login/i);
    }
  }
});

test('neither the process list nor a report at a crash shows a secret', async () => {
  const world = await makeWorld({ backups: [] });
  const bucket = await makeBucket();
  const key = await newKey();
  await noteSecret(key.identity.reveal());
  const reports = join(world.folder, 'reports');
  await mkdir(reports);
  const writtenReport = async (): Promise<string> => {
    const [name] = await readdir(reports);
    return name === undefined ? '' : readFile(join(reports, name), 'utf8');
  };
  await writeFile(join(world.folder, 'key.txt'), key.fileText);
  const secrets = [bucket.secretAccessKey, key.identity.reveal()];
  let cmdline = '';
  const outcome = await world.runBuilt(['push'], {
    env: {
      ...s3Env(bucket),
      EFAKTUR_STORE: bucket.url,
      EFAKTUR_RECIPIENTS: key.recipient,
      EFAKTUR_IDENTITY_FILE: 'key.txt',
      NODE_OPTIONS: `--report-on-signal --report-signal=SIGUSR2 --report-directory=${reports}`,
    },
    trap: { call: 'rename', at: 1, action: 'hang' },
    timeoutMs: 20_000,
    async onStart(pid) {
      // Before the program runs the signal would end it.
      while ((await keysOf(world.stateDir)).length === 0) await sleep(100);
      cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      process.kill(pid, 'SIGUSR2');
      // Node writes it piece by piece; its last character is the end of the object.
      while (!(await writtenReport()).endsWith('\n}\n')) await sleep(100);
      process.kill(pid, 'SIGKILL');
    },
  });
  expect(outcome.signal).toBe('SIGKILL');
  const report = await writtenReport();
  expect(JSON.parse(report).header.event).toBe('SIGUSR2');
  for (const secret of secrets) {
    expect(cmdline).not.toContain(secret);
    expect(report).not.toContain(secret);
  }
  expect(cmdline).toContain('push');
});

test('what is refused is not shown when it holds a password', async () => {
  const password = 'g3heim-Rahasia';
  await noteSecret(password);
  const world = await makeWorld({ backups: [] });
  const cases: [Record<string, string>, number][] = [
    [{ EFAKTUR_STORE: `s3://kasir:${password}@bucket/pc` }, 2],
    [{ EFAKTUR_STORE: `s3://bucket/pc?endpoint=https://kasir:${password}@host` }, 2],
    [{ EFAKTUR_STORE: `s3://bucket/pc?secret=${password}` }, 2],
    [{ EFAKTUR_STORE: 's3://bucket/pc', AWS_ENDPOINT_URL_S3: `https://kasir:${password}@host` }, 2],
    [{ EFAKTUR_STORE: `https://kasir:${password}@host/bucket` }, 2],
    [
      {
        EFAKTUR_STORE: 's3://bucket/pc?endpoint=https://127.0.0.1:9',
        AWS_ACCESS_KEY_ID: 'kasir',
        AWS_SECRET_ACCESS_KEY: password,
        HTTPS_PROXY: `http://kasir:${password}@127.0.0.1:9`,
      },
      10,
    ],
  ];
  for (const [env, code] of cases) {
    for (const flag of ['--json', '-v']) {
      const outcome = await world.run(['push', flag], { env });
      expect(outcome.code, JSON.stringify(env)).toBe(code);
      expect(outcome.stdout + outcome.stderr).not.toContain(password);
    }
  }
});

test('a secret key of age in the wrong place is never shown', async () => {
  const world = await makeWorld({ backups: [] });
  const key = (await newKey()).identity.reveal();
  await noteSecret(key);
  const postQuantum = key.replace('KEY-1', 'KEY-PQ-1');
  // The search at the end of a test run looks at command lines, too: a piece of a key must do there.
  const piece = key.slice(0, 30);
  const store = { EFAKTUR_STORE: join(world.folder, 'no', 'such', key) };
  const cases: [string[], Record<string, string>, number][] = [
    [['list', '--long'], { EFAKTUR_IDENTITY_FILE: key }, 12],
    [['list', '--long'], { EFAKTUR_IDENTITY_FILE: key.toLowerCase() }, 12],
    [['list', '--long'], { EFAKTUR_IDENTITY_FILE: `keys/${postQuantum}` }, 12],
    [['list', '--long'], { EFAKTUR_IDENTITY_COMMAND: key }, 12],
    [['push'], { EFAKTUR_LOCK_DAYS: '5', EFAKTUR_LOCK_MODE: key }, 2],
    [['push'], { EFAKTUR_TIMEZONE: postQuantum }, 2],
    [['push'], { EFAKTUR_FULL_EVERY: key.toLowerCase() }, 2],
    [['push'], { EFAKTUR_RECIPIENTS: key }, 2],
    [['push'], { [`EFAKTUR_${key}`]: 'x' }, 2],
    [['push'], { EFAKTUR_APP_DIR: key }, 2],
    [['push', '--store', '/dev/null/store'], { EFAKTUR_STATE_DIR: `/dev/null/${key}` }, 6],
    [['list'], store, 10],
    [['doctor'], store, 10],
    [['push', piece], {}, 2],
    [['push', `--${piece}`], {}, 2],
    [[piece], {}, 2],
    [['pull', '--id', piece], {}, 2],
  ];
  for (const [args, env, code] of cases) {
    for (const flag of ['--json', '-v']) {
      const outcome = await world.run([...args, flag], { env });
      const shown = (outcome.stdout + outcome.stderr).toUpperCase();
      const what = `${args.join(' ')} ${Object.keys(env).join()}: ${shown.replaceAll(key, '…')}`;
      expect(outcome.code, what).toBe(code);
      expect(shown.includes(key.slice(16, 30)), what).toBe(false);
    }
  }
  const { stderr } = await world.run(['list', '--long'], { env: { EFAKTUR_IDENTITY_FILE: key } });
  expect(stderr).toContain('EFAKTUR_IDENTITY_FILE: that is a key, not a file');
});

test('neither the stack of a bug nor what is printed shows a secret key of age', async () => {
  const world = await makeWorld({ backups: [] });
  const key = (await newKey()).identity.reveal();
  await noteSecret(key);
  const store = join(world.folder, key);
  const pushed = await world.run(['push'], { env: { EFAKTUR_STORE: store } });
  expect(pushed.code).toBe(0);
  for (const args of [['list', '--json'], ['doctor'], ['doctor', '--json']]) {
    const outcome = await world.run(args, { env: { EFAKTUR_STORE: store } });
    expect(outcome.code, args.join(' ')).toBe(0);
    expect(outcome.stdout.includes(key), args.join(' ')).toBe(false);
    expect(outcome.stdout).toContain('AGE-SECRET-KEY-…');
  }
  const now = Object.assign(new Date(), {
    getTime() {
      throw new TypeError(key);
    },
  });
  const bug = await world.run(['push', '--full'], { now });
  expect(bug.code).toBe(1);
  expect(bug.stderr.includes(key)).toBe(false);
  expect(bug.stderr).toContain('this is a bug in efaktur-cloud: TypeError: AGE-SECRET-KEY-…');
});

test('a wrong secret key is refused without showing it', async () => {
  const world = await makeWorld({ backups: [] });
  const bucket = await makeBucket();
  const secretAccessKey = 'wrongWRONGwrongWRONGwrongWRONGwrongWRONG';
  await noteSecret(secretAccessKey);
  const outcome = await world.runBuilt(['push', '-v'], {
    env: { ...s3Env({ ...bucket, secretAccessKey }), EFAKTUR_STORE: bucket.url },
  });
  expect(outcome.code).toBe(14);
  expect(outcome.stdout + outcome.stderr).not.toContain(secretAccessKey);
});

test('the search at the end of a test run finds what was printed', async () => {
  const folder = await tempFolder();
  const key = (await newKey()).identity.reveal();
  const printed = (args: string[], output: string) => JSON.stringify({ args, outputs: [output, ''] });
  await writeFile(secretsFile(folder), '"s3cr3t"\n');
  const lines = [
    printed(['push'], 'all well'),
    printed(['pull', '-v'], 'because: s3cr3t'),
    printed(['keys', 'new'], key),
    printed(['keys', 'show'], key),
    printed(['keys', 'new', '--out', 's3cr3t'], ''),
    printed(['list'], 'Note: [object Object]'),
  ];
  await writeFile(join(folder, 'printed-1.jsonl'), `${lines.join('\n')}\n`);
  expect(leaksIn(folder)).toEqual(['pull -v', 'keys show', 'keys new --out s3cr3t']);
  expect(unwordedIn(folder)).toEqual(['list']);
});

test('the key of a bucket in the place of any other setting is refused and never shown, nor made a name', async () => {
  const keys = [
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY',
    'FwoGZXIvYXdzEBYaDJZ2x9Qn3kQmVYbPCyLAQ8sT1vWc0uRrE5tYiOpA+/7g==',
    '3f9a1c2e77d05b8846aa0c9d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b',
  ];
  const world = await makeWorld();
  const before = await treeOf(world.folder);
  const others = ['AWS_PROFILE', 'AWS_REGION', 'AWS_CA_BUNDLE'];
  for (const key of keys) {
    for (const name of [...settingNames, ...others]) {
      if (name === 'EFAKTUR_IDENTITY_COMMAND') continue;
      const isForMessages = isOfMessages(name);
      const command = isForMessages
        ? ['notify']
        : name === 'EFAKTUR_IDENTITY_FILE'
          ? ['list', '--long']
          : ['push'];
      for (const flags of [[], ['--json', '-v']]) {
        const outcome = await world.run([...command, ...flags], { env: { [name]: key } });
        expect([2, isForMessages ? 20 : 12], `${name}: ${outcome.stdout}`).toContain(outcome.code);
        expect((outcome.stdout + outcome.stderr).includes(key.slice(0, 20)), name).toBe(false);
      }
    }
    const inAddress = await world.run(['push'], { env: { EFAKTUR_STORE: `s3://${key}/pc` } });
    expect(inAddress.code).toBe(2);
    expect(inAddress.stderr.includes(key.slice(0, 20))).toBe(false);
  }
  expect(await treeOf(world.folder)).toEqual(before);
});

test('a password in the place of a number or a word is not shown; what somebody mistyped is', async () => {
  const world = await makeWorld({ backups: [] });
  const said = async (env: Record<string, string>): Promise<string> =>
    (await world.run(['push'], { env })).stderr;
  for (const name of ['EFAKTUR_TIMEZONE', 'EFAKTUR_FULL_EVERY', 'EFAKTUR_LIMIT_UPLOAD', 'EFAKTUR_LOCK_DAYS'])
    expect(await said({ [name]: 'g3heim-Rahasia!7' })).not.toContain('g3heim');
  expect(await said({ EFAKTUR_TIMEZONE: 'Jakarta' })).toContain('"Jakarta"');
  expect(await said({ EFAKTUR_FULL_EVERY: '1.5' })).toContain('"1.5"');
});
