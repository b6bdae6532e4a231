import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { placeDatabase } from '../test/support/derby.ts';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';
import { startS3Service } from '../test/support/minio-server.ts';

/**
 * What single optimisations are worth: the program is built with each and without it, and both builds do the same work in
 * turns, on MinIO behind a line of some delay. Medians are printed, and what each gains of its command's time.
 *
 *     node bench/pairs.ts [--only NAME,…] [--rounds 7] [--size 100] [--backups 3650] [--delay 20]
 *
 * Wall times count on an idle machine alone; on a busy one only CPU does, which says nothing of work done side by side.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    size: { type: 'string', default: '100' },
    backups: { type: 'string', default: '3650' },
    delay: { type: 'string', default: '20' },
  },
});

interface Optimisation {
  readonly name: string;
  readonly command: 'push' | 'pull' | 'list';
  /** What takes it out: each text stands exactly once in its file. */
  readonly without: readonly { readonly file: string; readonly text: string; readonly instead: string }[];
}

const optimisations: readonly Optimisation[] = [
  {
    name: 'list-slices',
    command: 'list',
    without: [{ file: 'src/catalog/listing.ts', text: 'const slices = 4;', instead: 'const slices = 1;' }],
  },
  {
    name: 'listing-xml',
    command: 'list',
    without: [
      {
        file: 'src/store/s3-listing.ts',
        text: 'const taken = takeEntries(xml);',
        instead: 'const taken = null as ReturnType<typeof takeEntries>;',
      },
    ],
  },
  {
    name: 'early-first-read',
    command: 'push',
    without: [
      {
        file: 'src/sync/push.ts',
        text: 'await beginEarlyRead(request)',
        instead: 'null as EarlyRead | null',
      },
    ],
  },
];

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'efaktur-pairs-'));

/** Builds the program with these replacements; resolves with its entry. */
function build(name: string, replacements: Optimisation['without']): string {
  const folder = join(work, name);
  for (const part of ['src', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, text, instead } of replacements) {
    const source = readFileSync(join(folder, file), 'utf8');
    if (source.split(text).length !== 2) throw new Error(`${file} does not hold "${text}" exactly once`);
    writeFileSync(join(folder, file), source.replace(text, instead));
  }
  const built = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: folder, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`${name} does not build: ${built.stderr}`);
  return join(folder, 'dist', 'efaktur-cloud.js');
}

/** Passes every byte on after `delayMs`, both ways; resolves with its port. */
function delayed(toPort: number, delayMs: number): Promise<number> {
  const server = createServer((client) => {
    const service = connect(toPort, '127.0.0.1');
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs));
      from.on('end', () => setTimeout(() => to.end(), delayMs));
      from.on('error', () => to.destroy()).on('close', () => setTimeout(() => to.destroy(), 2 * delayMs));
    }
  });
  return new Promise((done) =>
    server.unref().listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address ? address.port : 0);
    }),
  );
}

interface Measure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}
const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
const medians = (all: readonly Measure[]): Measure => ({
  seconds: median(all.map((m) => m.seconds)),
  cpuSeconds: median(all.map((m) => m.cpuSeconds)),
  peakMb: median(all.map((m) => m.peakMb)),
});

const { service, stop } = await startS3Service();
try {
  const { accessKeyId, secretAccessKey, region } = service;
  const client = new S3Client({
    ...{ endpoint: service.endpoint, region, forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey },
  });
  const bucket = 'pairs';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const app = join(work, 'e-Faktur');
  await makeEfakturFolder(app, { live: null, backups: [] });
  await placeDatabase(join(app, 'db', 'ETaxInvoice'), { sizeMb: Number(flags.size), seed: 7, images: true });
  const port = await delayed(Number(new URL(service.endpoint).port), Number(flags.delay) / 2);
  const env = {
    ...{ PATH: process.env.PATH, HOME: work, EFAKTUR_TIMEZONE: 'Asia/Jakarta', EFAKTUR_NAME: 'pairs' },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
  };
  let runs = 0;
  const run = async (entry: string, args: readonly string[], store: string): Promise<Measure> => {
    const report = join(work, 'time.txt');
    const scratch = join(work, `run-${runs++}`);
    mkdirSync(scratch);
    const command = [
      process.execPath,
      entry,
      ...args.map((arg) => arg.replace('TO', join(scratch, 'to'))),
      '--json',
    ];
    await promisify(execFile)('/usr/bin/time', ['-f', '%e %U %S %M', '-o', report, ...command], {
      cwd: scratch,
      env: { ...env, EFAKTUR_STORE: store, EFAKTUR_STATE_DIR: join(scratch, 'state') },
      maxBuffer: 64 << 20,
    });
    rmSync(scratch, { recursive: true });
    const [seconds = 0, user = 0, system = 0, peakKb = 0] = readFileSync(report, 'utf8')
      .split(' ')
      .map(Number);
    return { seconds, cpuSeconds: user + system, peakMb: peakKb / 1024 };
  };

  const as = build('with', []);
  const chosen = optimisations.filter(({ name }) => flags.only?.split(',').includes(name) ?? true);
  const store = (name: string): string => `s3://${bucket}/${name}`;
  const push = ['push', '--source', 'live', '--app', app];
  if (chosen.some(({ command }) => command === 'pull')) await run(as, push, store('pulled'));
  if (chosen.some(({ command }) => command === 'list')) {
    const days = Array.from({ length: Number(flags.backups) }, (_, i) =>
      new Date(Date.UTC(2014, 0, 1 + i)).toISOString().slice(0, 10),
    );
    const put = async (day: string): Promise<void> => {
      const name = `listed/${day}/${day.replaceAll('-', '')}T020000Z-${day.replaceAll('-', '')}abcd`;
      for (const ending of ['tar.zst', 'json'])
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${name}.${ending}`, Body: 'x' }));
    };
    const work = async (): Promise<void> => {
      for (let day = days.pop(); day !== undefined; day = days.pop()) await put(day);
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }
  console.log('| without it | command | s | CPU s | peak MB | it gains: time | CPU | MB |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const { name, command, without } of chosen) {
    const bare = build(name, without);
    const args = { push, pull: ['pull', '--to', 'TO', '--yes'], list: ['list'] }[command];
    const results: { as: Measure; bare: Measure }[] = [];
    for (let round = 0; round < Number(flags.rounds); round++) {
      const one = (entry: string): Promise<Measure> =>
        run(entry, args, store({ push: `pushed-${runs}`, pull: 'pulled', list: 'listed' }[command]));
      // Who goes first changes, as caches and other work on the machine come and go.
      if (round % 2 === 0) results.push({ as: await one(as), bare: await one(bare) });
      else {
        const first = await one(bare);
        results.push({ as: await one(as), bare: first });
      }
    }
    const [have, lack] = [medians(results.map((r) => r.as)), medians(results.map((r) => r.bare))];
    const gain = (of: 'seconds' | 'cpuSeconds'): string =>
      `${((1 - have[of] / lack[of]) * 100).toFixed(0)} %`;
    const both = (of: keyof Measure, digits: number): string =>
      `${have[of].toFixed(digits)} / ${lack[of].toFixed(digits)}`;
    console.log(
      `| ${name} | ${command} | ${both('seconds', 2)} | ${both('cpuSeconds', 2)} | ${both('peakMb', 0)} | ${gain('seconds')} | ${gain('cpuSeconds')} | ${(lack.peakMb - have.peakMb).toFixed(0)} |`,
    );
  }
} finally {
  await stop();
  rmSync(work, { recursive: true, force: true });
}
