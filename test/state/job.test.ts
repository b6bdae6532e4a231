import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compactUtc } from '../../src/base/local-time.ts';
import { beginJob, deadJobs, forgetJob, removeDeadScratch } from '../../src/state/job.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeWorld } from '../support/cli.ts';

const upload = (n: number) => ({
  store: 's3://bucket/x',
  key: `2023-07-08/${n}.tar.zst`,
  uploadId: `upload-${n}`,
});

/** The number of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

/** A run's folder as a killed process leaves it. */
async function deadFolder(
  stateDir: string,
  lines = '',
  at = new Date('2023-07-08T02:30:00Z'),
): Promise<string> {
  const folder = join(stateDir, 'jobs', `${compactUtc(at)}-${await endedPid()}-abcdef`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '3f9a1c2e77d0.spool'), Buffer.alloc(1000));
  if (lines !== '') await writeFile(join(folder, 'uploads.jsonl'), lines);
  return folder;
}

const line = (n: number): string => `${JSON.stringify(upload(n))}\n`;

test('a run has a folder of its own, notes its uploads in it and ends without a trace', async () => {
  const stateDir = join(await tempFolder(), 'state');
  const [one, two] = [await beginJob(stateDir, new Date()), await beginJob(stateDir, new Date())];
  expect(one.folder).not.toBe(two.folder);
  await one.noteUpload(upload(1));
  await one.noteUpload(upload(2));
  expect(await readFile(join(one.folder, 'uploads.jsonl'), 'utf8')).toBe(line(1) + line(2));
  await writeFile(join(one.folder, 'x.spool'), 'x');
  await one.end();
  await one.end();
  expect(await readdir(join(stateDir, 'jobs'))).toEqual([basename(two.folder)]);
});

test('a run that lives is not dead', async () => {
  const stateDir = await tempFolder();
  await beginJob(stateDir, new Date());
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'spawn');
  await mkdir(join(stateDir, 'jobs', `${compactUtc(new Date())}-${child.pid}-abcdef`));
  expect(await deadJobs(stateDir)).toEqual([]);
});

test('a run lives on whatever time it began at by the clock, and is dead when its process is', async () => {
  const stateDir = await tempFolder();
  const own = await beginJob(stateDir, new Date('2020-01-01'));
  const source = new URL('../../src/state/job.ts', import.meta.url).href;
  const begin = `import { beginJob } from ${JSON.stringify(source)};
    const { folder } = await beginJob(${JSON.stringify(stateDir)}, new Date('2020-01-01'));
    console.log(folder); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', begin]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(await deadJobs(stateDir)).toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await deadJobs(stateDir)).toEqual([{ folder: line.toString().trim(), uploads: [] }]);
  await own.end();
});

test('a number that another process has inherited does not keep a run alive', async () => {
  const stateDir = await tempFolder();
  const { folder } = await beginJob(stateDir, new Date());
  const other = `${folder.slice(0, -8)}00000000`;
  await rename(folder, other);
  expect(await deadJobs(stateDir)).toEqual([{ folder: other, uploads: [] }]);
});

test('a killed run is found with its uploads, oldest first', async () => {
  const stateDir = await tempFolder();
  const later = await deadFolder(stateDir, line(3), new Date('2023-07-09T00:00:00Z'));
  const earlier = await deadFolder(stateDir, line(1) + line(2), new Date('2023-07-08T00:00:00Z'));
  expect(await deadJobs(stateDir)).toEqual([
    { folder: earlier, uploads: [upload(1), upload(2)] },
    { folder: later, uploads: [upload(3)] },
  ]);
});

test('a run whose number this process has inherited is dead', async () => {
  const stateDir = await tempFolder();
  const folder = join(stateDir, 'jobs', `20200101T000000Z-${process.pid}-abcdef`);
  await mkdir(folder, { recursive: true });
  expect(await deadJobs(stateDir)).toEqual([{ folder, uploads: [] }]);
});

test('a list of uploads cut anywhere gives the whole lines before the cut', async () => {
  const stateDir = await tempFolder();
  const whole = line(1) + line(2);
  const folder = await deadFolder(stateDir, whole);
  for (let length = 0; length <= whole.length; length++) {
    await writeFile(join(folder, 'uploads.jsonl'), whole.slice(0, length));
    const [job] = await deadJobs(stateDir);
    const expected = [upload(1), upload(2)].filter(
      (_, i) => (line(1) + (i ? line(2) : '')).length - 1 <= length,
    );
    expect(job?.uploads, `cut to ${length}`).toEqual(expected);
  }
});

test('lines that a power cut left empty do not hide the others', async () => {
  const stateDir = await tempFolder();
  await deadFolder(stateDir, `${line(1)}${'\0'.repeat(60)}\n${line(2)}\n`);
  expect((await deadJobs(stateDir)).map((job) => job.uploads)).toEqual([[upload(1), upload(2)]]);
});

test('a forgotten run is gone with its spool', async () => {
  const stateDir = await tempFolder();
  await deadFolder(stateDir, line(1));
  for (const job of await deadJobs(stateDir)) await forgetJob(job, []);
  expect(await readdir(join(stateDir, 'jobs'))).toEqual([]);
});

test('uploads to a store that is not at hand stay noted, the spool goes', async () => {
  const stateDir = await tempFolder();
  const folder = await deadFolder(stateDir, line(1));
  const [job] = await deadJobs(stateDir);
  if (job) await forgetJob(job, job.uploads);
  expect(await readdir(folder)).toEqual(['uploads.jsonl']);
  expect(await deadJobs(stateDir)).toEqual([{ folder, uploads: [upload(1)] }]);
});

test('no state folder, or foreign names in it, are no dead runs', async () => {
  const stateDir = await tempFolder();
  expect(await deadJobs(join(stateDir, 'absent'))).toEqual([]);
  for (const name of ['notes', '20230708T023000Z', '20230708T023000Z-x-y', '20231308T023000Z-1-y'])
    await mkdir(join(stateDir, 'jobs', name), { recursive: true });
  expect(await deadJobs(stateDir)).toEqual([]);
});

test('a state folder that cannot be used is a target that cannot be written', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'file'), '');
  expect(await codeOf(beginJob(join(folder, 'file'), new Date()))).toBe('target-not-writable');
  const job = await beginJob(folder, new Date());
  await job.end();
  await appendFile(join(folder, 'jobs', basename(job.folder)), '');
  expect(await codeOf(job.noteUpload(upload(1)))).toBe('target-not-writable');
});

test('what a dead run left of the books goes with any command; what it noted of uploads waits for a push', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const [scratch, noted] = [await deadFolder(world.stateDir), await deadFolder(world.stateDir, line(1))];
  const running = await beginJob(world.stateDir, new Date());
  for (const folder of [scratch, noted, running.folder]) {
    await mkdir(join(folder, 'engine', 'ETaxInvoice'), { recursive: true });
    await writeFile(join(folder, 'engine', 'ETaxInvoice', 'service.properties'), 'in clear');
  }
  expect((await world.run(['list'])).code).toBe(0);
  expect((await readdir(join(world.stateDir, 'jobs'))).sort()).toEqual(
    [basename(noted), basename(running.folder)].sort(),
  );
  expect(await readdir(noted)).toEqual(['uploads.jsonl']);
  expect(await readdir(running.folder)).toEqual(['engine']);
  await running.end();
});

test('what a dead run made elsewhere and no file came to name goes with it; what is named stays', async () => {
  const stateDir = await tempFolder();
  const place = await tempFolder();
  const at = (name: string): string => join(place, name);
  for (const name of ['unnamed.key', 'named.key', 'sheet.html', 'other.html']) await writeFile(at(name), 'x');
  await writeFile(at('a.env'), `EFAKTUR_IDENTITY_FILE=${at('named.key')}\nEFAKTUR_RECIPIENTS=age1abc\n`);
  const keptBy = [at('a.env'), at('never-written.env')];
  const notes = [
    { path: at('unnamed.key'), keptBy, name: at('unnamed.key') },
    { path: at('named.key'), keptBy, name: at('named.key') },
    { path: at('sheet.html'), keptBy, name: 'age1abc' },
    { path: at('other.html'), keptBy, name: 'age1xyz' },
    { path: at('a.env'), keptBy: 'nothing', name: 4 },
  ];
  const folder = await deadFolder(stateDir);
  await writeFile(
    join(folder, 'made.jsonl'),
    `${notes.map((note) => JSON.stringify(note)).join('\n')}\n{"path":"cu`,
  );
  expect(await removeDeadScratch(stateDir)).toEqual([]);
  expect((await readdir(place)).sort()).toEqual(['a.env', 'named.key', 'sheet.html']);
  expect(await readdir(join(stateDir, 'jobs'))).toEqual([]);
});
