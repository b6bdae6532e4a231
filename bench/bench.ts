import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { placeDatabase, startDerby } from '../test/support/derby.ts';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';
import { startS3Service } from '../test/support/minio-server.ts';
import type { S3Service } from '../test/support/server-binary.ts';
import {
  borg,
  type Command,
  type Contestant,
  efakturCloud,
  findProgram,
  kopia,
  type Round,
  rclone,
  restic,
  runToEnd,
  tarZstd,
} from './contestants.ts';

/**
 * This program beside its peers on the same work in one run: one real Derby database, a first push, a push with nothing
 * new, a push after a day's work (60 invoices), a restore. The programs take turns; medians and their ratios are printed.
 *
 *     npm run bench -- [--size 100] [--rounds 3] [--only NAME,…] [--json FILE] [--write]
 */
const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    list: { type: 'string', default: '20000' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const sizeMb = Number(flags.size);
const rounds = Number(flags.rounds);

/** What the operating system says of one finished command. */
interface Measure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

const timeTool = findProgram('GNU_TIME', 'time') ?? '/usr/bin/time';

function measure(command: Command): Measure {
  const report = join(work, 'time.txt');
  const { status, stderr } = spawnSync(timeTool, ['-f', '%e %U %S %M', '-o', report, ...command.argv], {
    env: { ...process.env, ...command.env },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0)
    throw new Error(
      `${command.argv.slice(0, 6).join(' ')} ended with ${status}: ${stderr} (needs GNU time: apt-get install time)`,
    );
  const [seconds = 0, user = 0, system = 0, peakKb = 0] = readFileSync(report, 'utf8')
    .trim()
    .split(/\s+/)
    .slice(-4)
    .map(Number);
  return { seconds, cpuSeconds: user + system, peakMb: peakKb / 1024 };
}

const steps = ['first push', 'nothing new', "day's push", 'restore'] as const;
type Step = (typeof steps)[number];
type Results = Map<string, Map<Step, Measure[]>>;

const work = mkdtempSync(join(tmpdir(), 'efaktur-bench-'));
const { service, stop } = await startS3Service();

async function main(): Promise<void> {
  const bucket = `bench-${Date.now()}`;
  const client = clientFor(service);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const contestants = await findContestants();
  const { morning, evening } = await makeStates();
  console.log(
    `${cpus().length} cores, Node ${process.version}; database ${megabytes(folderBytes(morning))} MB; ${rounds} rounds; ${contestants.map((c) => c.name).join(', ')}`,
  );

  const results: Results = new Map(contestants.map((c) => [c.name, new Map(steps.map((s) => [s, []]))]));
  for (let n = 0; n < rounds; n++) {
    for (const contestant of contestants) await playRound(contestant, n, bucket, morning, evening, results);
  }
  const traffic = [];
  for (const contestant of rounds > 0 ? contestants.filter((c) => !c.isLocal) : [])
    traffic.push(await countTraffic(contestant, bucket, morning, evening, client));
  const listing = await timeListing(contestants[0] as Contestant, bucket, client);
  const start = Array.from({ length: 5 }, () =>
    measure({ argv: [process.execPath, join(import.meta.dirname, '../dist/efaktur-cloud.js'), '--help'] }),
  );

  const table = [
    ...tableOf(results),
    '',
    ...traffic.map((t) => t.line),
    '',
    listing,
    `\`--help\`: ${median(start.map((m) => m.seconds)).toFixed(2)} s`,
  ].join('\n');
  console.log(`\n${table}`);
  const report = {
    sizeMb,
    rounds,
    cores: cpus().length,
    node: process.version,
    results: Object.fromEntries([...results].map(([k, v]) => [k, Object.fromEntries(v)])),
    traffic,
  };
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  if (flags.write) {
    const path = join(import.meta.dirname, '../docs/PERFORMANCE.md');
    const document = readFileSync(path, 'utf8');
    const [before, , after] = document.split(/<!-- bench (?:begin|end) -->/);
    writeFileSync(path, `${before}<!-- bench begin -->\n${table}\n<!-- bench end -->${after}`);
  }
}

const clientFor = (s3: S3Service): S3Client =>
  new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });

async function findContestants(): Promise<Contestant[]> {
  const identityFile = join(work, 'key.txt');
  const made = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../dist/efaktur-cloud.js'), 'keys', 'new', '--out', identityFile, '--json'],
    { encoding: 'utf8' },
  );
  const { recipient } = JSON.parse(made.stdout) as { recipient: string };
  const peers: [string, string, (binary: string) => Contestant][] = [
    ['RESTIC', 'restic', restic],
    ['KOPIA', 'kopia', kopia],
    ['BORG', 'borg', borg],
    ['RCLONE', 'rclone', rclone],
  ];
  const found: Contestant[] = [efakturCloud({ recipient, identityFile })];
  for (const [variable, name, make] of peers) {
    const binary = findProgram(variable, name);
    if (binary) found.push(make(binary));
    else console.log(`${name} was not found (PATH or ${variable}) and takes no part`);
  }
  found.push(tarZstd());
  const only = flags.only?.split(',');
  return only ? found.filter((c, i) => i === 0 || only.some((name) => c.name.startsWith(name))) : found;
}

/** The same database before and after a day of 60 invoices, both cleanly shut down. */
async function makeStates(): Promise<{ morning: string; evening: string }> {
  const [morning, evening] = [join(work, 'morning'), join(work, 'evening')];
  await placeDatabase(join(morning, 'ETaxInvoice'), { sizeMb, images: true });
  cpSync(morning, evening, { recursive: true, preserveTimestamps: true });
  const derby = await startDerby();
  try {
    await derby.workday(join(evening, 'ETaxInvoice'), { date: '2023-07-08', invoices: 60 });
    await derby.shutdown(join(evening, 'ETaxInvoice'));
  } finally {
    await derby.close();
  }
  return { morning, evening };
}

async function makeRound(
  contestant: Contestant,
  name: string,
  s3: S3Service,
  bucket: string,
  morning: string,
): Promise<Round> {
  const prefix = `${name}-${contestant.name.replace(/\W+/g, '-')}`;
  const round = { work: join(work, prefix), app: join(work, prefix, 'app'), prefix, s3: { ...s3, bucket } };
  mkdirSync(round.work);
  await makeEfakturFolder(round.app, { live: null, backups: [] });
  cpSync(morning, join(round.app, 'db'), { recursive: true, preserveTimestamps: true });
  await contestant.prepare(round);
  return round;
}

/** What is not as it was carries the time of now, as if it had just been worked on. */
function replaceDb(round: Round, state: string): void {
  const db = join(round.app, 'db');
  for (const entry of readdirSync(db, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !existsSync(join(state, relative(db, path)))) rmSync(path);
  }
  for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(db, relative(state, from));
    if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) cpSync(from, to);
  }
}

async function playRound(
  contestant: Contestant,
  n: number,
  bucket: string,
  morning: string,
  evening: string,
  results: Results,
): Promise<void> {
  const round = await makeRound(contestant, `round${n}`, service, bucket, morning);
  const note = (step: Step, command: Command): void => {
    spawnSync('sync');
    results.get(contestant.name)?.get(step)?.push(measure(command));
  };
  note('first push', contestant.push(round));
  note('nothing new', contestant.push(round));
  replaceDb(round, evening);
  note("day's push", contestant.push(round));
  note('restore', contestant.restore(round, join(round.work, 'restored')));
  rmSync(round.work, { recursive: true });
  process.stdout.write('.');
}

/** One more round, not timed, through a relay that counts bytes and requests. */
async function countTraffic(
  contestant: Contestant,
  bucket: string,
  morning: string,
  evening: string,
  client: S3Client,
): Promise<{ name: string; line: string }> {
  const counts = { sent: 0, received: 0, requests: 0 };
  const { hostname, port } = new URL(service.endpoint);
  const relay = createServer((socket) => {
    socket.setNoDelay(true);
    const upward = connect(Number(port), hostname);
    socket.on('data', (chunk) => {
      counts.sent += chunk.length;
      counts.requests +=
        chunk.toString('latin1').match(/^(GET|PUT|POST|HEAD|DELETE) \/\S* HTTP\/1\.1\r$/gm)?.length ?? 0;
    });
    upward.on('data', (chunk) => {
      counts.received += chunk.length;
    });
    socket.pipe(upward).pipe(socket);
    for (const end of [socket, upward]) end.on('error', () => [socket.destroy(), upward.destroy()]);
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
  const address = relay.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const through = { ...service, endpoint };
  const parts: string[] = [];
  const round = await makeRound(contestant, 'count', through, bucket, morning);
  const count = async (label: string, command: Command): Promise<void> => {
    Object.assign(counts, { sent: 0, received: 0, requests: 0 });
    await runToEnd(command);
    parts.push(
      `${label} ${(counts.sent / 1e6).toFixed(2)} MB up, ${(counts.received / 1e6).toFixed(2)} MB down, ${counts.requests} requests`,
    );
  };
  await count('first push:', contestant.push(round));
  await count('nothing new:', contestant.push(round));
  replaceDb(round, evening);
  await count("day's push:", contestant.push(round));
  await count('restore:', contestant.restore(round, join(round.work, 'restored')));
  const { objects, bytes } = await stored(client, bucket, `${round.prefix}/`);
  rmSync(round.work, { recursive: true });
  relay.close();
  return {
    name: contestant.name,
    line: `- ${contestant.name}: ${parts.join('; ')}; ${objects} objects, ${(bytes / 1e6).toFixed(1)} MB stored`,
  };
}

async function stored(
  client: S3Client,
  bucket: string,
  prefix: string,
): Promise<{ objects: number; bytes: number }> {
  let [objects, bytes] = [0, 0];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const object of page.Contents ?? []) [objects, bytes] = [objects + 1, bytes + (object.Size ?? 0)];
    token = page.NextContinuationToken;
  } while (token);
  return { objects, bytes };
}

/** `list` over many backups, of which only the names count. */
async function timeListing(ours: Contestant, bucket: string, client: S3Client): Promise<string> {
  const backups = Number(flags.list);
  if (backups === 0) return '';
  const round: Round = { work: join(work, 'list'), app: work, prefix: 'many', s3: { ...service, bucket } };
  mkdirSync(round.work);
  const names = Array.from({ length: backups }, (_, i) => {
    const time = new Date(Date.UTC(2016, 0, 1) + i * 4 * 3600_000).toISOString();
    const id = `${time.slice(0, 19).replace(/[-:]/g, '')}Z-${i.toString(16).padStart(12, '0')}`;
    return `many/${time.slice(0, 10)}/${id}`;
  }).flatMap((key) => [`${key}.json`, `${key}.tar.zst`]);
  let next = 0;
  const put = async (): Promise<void> => {
    for (let key = names[next++]; key !== undefined; key = names[next++])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
  };
  await Promise.all(Array.from({ length: 32 }, put));
  const times = Array.from({ length: Math.max(5, rounds) }, () => measure(ours.list(round)).seconds);
  return `\`list\` of ${backups} backups: ${median(times).toFixed(2)} s`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Medians, and in brackets how this program's time stands to the peer's (below 1: ours is faster), pair by pair. */
function tableOf(results: Results): string[] {
  const [oursName, ours] = [...results][0] as [string, Map<Step, Measure[]>];
  const header = [
    'seconds (ratio ours / theirs)',
    ...steps,
    'CPU s, first push',
    'peak MB, first push',
    'peak MB, restore',
  ];
  const rows = [...results].map(([name, byStep]) => {
    const cells = steps.map((step) => {
      const mine = byStep.get(step) ?? [];
      const seconds = median(mine.map((m) => m.seconds)).toFixed(2);
      if (name === oursName) return seconds;
      const ratios = mine.map((m, i) => (ours.get(step)?.[i]?.seconds ?? 0) / m.seconds);
      return `${seconds} (${median(ratios).toFixed(2)})`;
    });
    const of = (step: Step, what: 'cpuSeconds' | 'peakMb'): number =>
      median((byStep.get(step) ?? []).map((m) => m[what]));
    return [
      name,
      ...cells,
      of('first push', 'cpuSeconds').toFixed(1),
      of('first push', 'peakMb').toFixed(0),
      of('restore', 'peakMb').toFixed(0),
    ];
  });
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

try {
  await main();
} finally {
  await stop();
  rmSync(work, { recursive: true, force: true });
}
