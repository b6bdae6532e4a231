import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { commands, commonFlags } from '../../src/cli/commands.ts';
import { newKey } from '../crypto/age-files.ts';
import { keysOf, makeWorld, tempFolder } from '../support/cli.ts';
import { leaksIn, secretsFile } from '../support/leaks.ts';
import { makeBucket, s3Env } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';

/** Secrets come by environment and files only, and go nowhere. The whole test run is searched at its end, too. */

test('no flag takes a secret: a command line is seen by every program on the PC', () => {
  for (const { name, flags } of commands) {
    for (const [flag, { type }] of Object.entries({ ...commonFlags, ...flags })) {
      if (type === 'string')
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
  ];
  await writeFile(join(folder, 'printed-1.jsonl'), `${lines.join('\n')}\n`);
  expect(leaksIn(folder)).toEqual(['pull -v', 'keys show', 'keys new --out s3cr3t']);
});
