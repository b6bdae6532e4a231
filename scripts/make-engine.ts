import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaTool, run } from '../test/support/derby-tools.ts';

/*
 * Compiles src/derby/engine/CheckTables.java for Java 7 and stores the class beside it. Run by hand after a change, with
 * a JDK from 7 to 19 (newer ones make no classes for Java 7) on PATH or in JAVA_HOME: node scripts/make-engine.ts
 */
const folder = join(import.meta.dirname, '../src/derby/engine');
const source = join(folder, 'CheckTables.java');
const out = await mkdtemp(join(tmpdir(), 'make-engine-'));
try {
  await run(javaTool('javac'), [
    '--release',
    '7',
    '-g:none',
    '-Xlint:-options',
    '-encoding',
    'US-ASCII',
    '-d',
    out,
    source,
  ]);
  const classes = await readdir(out);
  if (classes.length !== 1)
    throw new Error(`CheckTables.java must make one class, not ${classes.join(', ')}`);
  const text = await readFile(source, 'utf8');
  const lines = (await readFile(join(out, 'CheckTables.class'))).toString('base64').match(/.{1,100}/g) ?? [];
  await writeFile(
    join(folder, 'check-tables-class.ts'),
    `// Made by scripts/make-engine.ts from CheckTables.java; not to be changed by hand.

/** SHA-256 of CheckTables.java, with LF line ends, at the time it was compiled. */
export const checkTablesSourceSha256 = '${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')}';

/** The compiled class, for Java 7 and later. */
export const checkTablesClass = Buffer.from(
  \`
${lines.map((line) => `    ${line}\n`).join('')}  \`,
  'base64',
);
`,
  );
} finally {
  await rm(out, { recursive: true, force: true });
}
