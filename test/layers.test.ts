import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Room -> what it may import: rooms, or single files of them. A file is of the room with the longest name that it begins with. */
const mayImport: Readonly<Record<string, string>> = {
  'base/': '',
  'derby/': 'base/',
  'archive/': 'base/',
  'crypto/': 'base/',
  'store/': 'base/',
  'efaktur/': 'base/ derby/',
  'catalog/': 'base/ store/store.ts',
  'state/': 'base/ catalog/',
  'sync/context.ts': 'base/ crypto/ store/ sync/stored/object-lock.ts',
  'sync/reading/': 'base/ derby/ archive/ efaktur/',
  'sync/stored/': 'base/ derby/ archive/ crypto/ store/ catalog/ state/ sync/context.ts',
  'sync/push/':
    'base/ derby/ archive/ crypto/ store/ efaktur/ catalog/ state/ sync/reading/ sync/stored/ sync/context.ts',
  'sync/restore/':
    'base/ derby/ archive/ crypto/ store/ efaktur/ catalog/ state/job.ts sync/reading/ sync/stored/ sync/context.ts',
  'sync/program/':
    'base/ archive/ crypto/ store/ efaktur/ catalog/ state/ sync/reading/ sync/stored/ sync/push/ sync/restore/ sync/context.ts',
  'sync/prune/': 'base/ store/ catalog/ sync/stored/',
  'sync/status/': 'base/ store/ efaktur/ catalog/ state/ sync/stored/ sync/program/ sync/context.ts',
  'sync/verify/': 'base/ store/ catalog/ sync/stored/ sync/restore/ sync/context.ts',
  'sync/copy/': 'base/ store/ catalog/ state/ sync/stored/ sync/context.ts',
  'sync/doctor/': 'base/ store/ catalog/ sync/stored/ sync/context.ts',
  'sync/':
    'base/ derby/ archive/ crypto/ store/ efaktur/ catalog/ state/ sync/reading/ sync/stored/ sync/push/ sync/restore/ sync/program/ sync/prune/ sync/copy/ sync/doctor/ sync/status/ sync/verify/ sync/context.ts',
  'inspect/':
    'base/ derby/ archive/ crypto/ store/ efaktur/ catalog/ state/ sync/stored/ sync/restore/ sync/context.ts',
  'schedule/': 'base/ settings/',
  'app/': 'base/ crypto/ store/ efaktur/ catalog/ state/ sync/context.ts inspect/backup-files.ts settings/',
  'survey/':
    'base/ store/open.ts store/providers.ts efaktur/ catalog/names.ts state/ app/ settings/ schedule/ round/log.ts notify/targets.ts sync/doctor/probe.ts',
  'round/': 'base/ catalog/ state/ sync/ app/ settings/ notify/',
  'setup/':
    'base/ crypto/ store/ efaktur/ catalog/ state/ archive/differential-texts.ts inspect/ sync/ app/ settings/ schedule/ round/',
  'cli/':
    'base/ derby/catalog.ts derby/engine-search.ts derby/rows.ts crypto/identity-file.ts crypto/identity-text.ts store/open.ts store/providers.ts store/store.ts efaktur/ catalog/ app/ sync/ inspect/ settings/ setup/ schedule/ state/job.ts state/run-record.ts round/ survey/ notify/',
  'settings/': 'base/ catalog/names.ts catalog/prune-rules.ts',
  'notify/':
    'base/ settings/ store/ca-file.ts store/connection-errors.ts store/http-transport.ts store/idle-watch.ts store/proxies.ts',
  'leave.ts': '',
  'efaktur-cloud.ts': 'base/ cli/ leave.ts',
  'launcher-texts.ts': '',
  'start.ts': 'launcher-texts.ts',
  'launcher.ts': 'launcher-texts.ts program/start.cjs',
};

/** Package -> the files that may import it: those whose names begin so. `node:process` is the door to the environment. */
const onlyIn: Readonly<Record<string, string>> = {
  '@aws-sdk/client-s3': 'store/s3',
  '@aws-sdk/credential-provider-http': 'store/s3-credentials.ts',
  '@aws-sdk/credential-provider-ini': 'store/s3-credentials.ts',
  '@aws-sdk/credential-provider-sso': 'store/s3-credentials.ts',
  '@aws-sdk/credential-provider-web-identity': 'store/s3-credentials.ts',
  '@aws-sdk/lib-storage': 'store/s3',
  '@aws-sdk/nested-clients/sts': 'store/s3-credentials.ts',
  '@clack/prompts': 'cli/questions-drawn.ts',
  '@smithy/core/config': 'store/s3',
  '@smithy/credential-provider-imds': 'store/s3-credentials.ts',
  '@scure/base': 'crypto/',
  'age-encryption': 'crypto/',
  dotenv: 'settings/settings-file.ts',
  'http-proxy-agent': 'store/http-transport.ts',
  'https-proxy-agent': 'store/http-transport.ts',
  'node:process': 'efaktur-cloud.ts',
  'p-map': 'base/in-turns.ts',
  'p-retry': 'store/retrying.ts',
  qr: 'setup/recovery-sheet.ts',
  resedit: 'efaktur/version-resource.ts',
  'tar/header': 'archive/tar-members.ts',
  'tar/pax': 'archive/tar-members.ts',
  yargs: 'cli/parse.ts',
  yauzl: 'efaktur/zip-source.ts',
  yazl: 'base/zip-writer.ts',
};

/** Everything a source names: of values and types, at once and later, passed on, required, and files by their address. */
const importsIn = (source: string): string[] =>
  [...source.matchAll(/(?:\bfrom|^import|\b(?:import|require|new URL)\()\s*(['"])([\w@./:*-]+)\1/gm)].map(
    ([, , name = '']) => name,
  );

const roomOf = (file: string): string =>
  Object.keys(mayImport)
    .filter((room) => file.startsWith(room))
    .sort((a, b) => b.length - a.length)[0] ?? file;

const root = join(import.meta.dirname, '../src');
const files = (await readdir(root, { recursive: true }))
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.[cm]?[jt]sx?$/.test(file));
/** What each file imports: files of ours as paths below `src/`, packages by name. */
const imports = new Map<string, { readonly ours: string[]; readonly packages: string[] }>();
for (const file of files) {
  const names = importsIn(await readFile(join(root, file), 'utf8'));
  const ours = names.filter((name) => name.startsWith('.'));
  imports.set(file, {
    ours: ours.map((name) => new URL(name, `file:///${file}`).pathname.slice(1)),
    packages: names.filter((name) => !ours.includes(name)),
  });
}

test('each form of an import is seen', () => {
  const forms = [
    "import type { A } from './a.ts';\nimport {\n  b,\n} from '../b.ts';\nimport './c.ts';\nexport * from './d.ts';",
    "const { e } = await import('e');\ntype F = import('./f.ts').F;\nnew Worker(new URL('./g.ts', import.meta.url));",
    'require("./h.cjs"); import i from "@scope/i/j";',
  ];
  expect(importsIn(forms.join('\n'))).toEqual([
    ...['./a.ts', '../b.ts', './c.ts', './d.ts', 'e', './f.ts', './g.ts', './h.cjs', '@scope/i/j'],
  ]);
});

test('a room imports only what its row allows, types too', () => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    const allowed = [room, ...(mayImport[room] ?? '').split(' ')];
    const { ours = [] } = imports.get(file) ?? {};
    return ours
      .filter((other) => !allowed.includes(roomOf(other)) && !allowed.includes(other))
      .map((other) => `${file} imports ${other}`);
  });
  expect(wrong).toEqual([]);
});

test('every file stands in a room, and every room has files', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(mayImport).sort());
});

test('a package is imported only where its row says', () => {
  const used = files.flatMap((file) => (imports.get(file)?.packages ?? []).map((name) => ({ file, name })));
  const ruled = used.filter(({ name }) => name in onlyIn || !name.startsWith('node:'));
  const wrong = ruled.filter(({ file, name }) => !file.startsWith(onlyIn[name] ?? 'a row of this table'));
  expect(wrong.map(({ file, name }) => `${file} imports ${name}`)).toEqual([]);
});

test('no files import each other in a circle, types included', () => {
  // Again and again, files that import none of the rest, or that none of the rest imports, are taken away.
  const rest = new Map([...imports].map(([file, { ours }]) => [file, ours]));
  for (let before = 0; before !== rest.size; ) {
    before = rest.size;
    for (const [file, ours] of rest) if (!ours.some((other) => rest.has(other))) rest.delete(file);
    for (const file of [...rest.keys()])
      if (![...rest.values()].some((ours) => ours.includes(file))) rest.delete(file);
  }
  expect([...rest.keys()]).toEqual([]);
});
