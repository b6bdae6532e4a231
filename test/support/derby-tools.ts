import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { platform } from 'node:process';
import { cacheFolder } from './server-binary.ts';

/** The Derby versions that the tests know. e-Faktur's Java 1.7 can run none newer than 10.12. */
export const derbyVersions = ['10.8.3.0', '10.10.2.0', '10.12.1.1', '10.14.2.0'] as const;
export type DerbyVersion = (typeof derbyVersions)[number];

const env = process.env;
const sources = join(import.meta.dirname, 'java');
const exeSuffix = platform === 'win32' ? '.exe' : '';

/** Runs a program to its end and resolves with its stdout; fails with what it wrote to stderr. */
export async function run(
  program: string,
  args: readonly string[],
  options: { shell?: boolean } = {},
): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: options.shell ?? false });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${err || out}`);
  return out;
}

/** The full path of a JDK program, from JAVA_HOME or PATH. */
export function javaTool(name: 'java' | 'javac'): string {
  const folders = [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin')] : []),
    ...(env.PATH ?? '').split(delimiter),
  ];
  const found = folders.map((folder) => join(folder, name + exeSuffix)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      `The tests need ${name} (a JDK, version 8 or newer) on PATH or in JAVA_HOME: apt-get install default-jdk-headless`,
    );
  }
  return found;
}

/**
 * The path of derby.jar of that version: EFAKTUR_TEST_DERBY_JAR_10_12_1_1 (and so on), derby-VERSION.jar in
 * EFAKTUR_TEST_DERBY_DIR, the local Maven repository, an earlier download, or fetched by `mvn`.
 */
export async function derbyJar(version: DerbyVersion): Promise<string> {
  const setting = `EFAKTUR_TEST_DERBY_JAR_${version.replaceAll('.', '_')}`;
  const jar = `derby-${version}.jar`;
  const given = env[setting];
  if (given) {
    if (!existsSync(given)) throw new Error(`${setting} names ${given}, which does not exist`);
    return given;
  }
  const downloaded = join(cacheFolder, 'jars', jar);
  const places = [
    ...(env.EFAKTUR_TEST_DERBY_DIR ? [join(env.EFAKTUR_TEST_DERBY_DIR, jar)] : []),
    join(homedir(), '.m2', 'repository', 'org', 'apache', 'derby', 'derby', version, jar),
    downloaded,
  ];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;

  const folder = join(cacheFolder, 'jars', `tmp-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const what = `-Dartifact=org.apache.derby:derby:${version}`;
    await run('mvn', ['-q', '-B', 'dependency:copy', what, `-DoutputDirectory=${folder}`], {
      shell: platform === 'win32',
    });
    await rename(join(folder, jar), downloaded);
    return downloaded;
  } catch (cause) {
    const hint = `install Maven (apt-get install maven), or set ${setting} to the path of ${jar} from Maven Central`;
    throw new Error(`The tests need Apache Derby ${version} and found no jar: ${hint}`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let compiled: Promise<string> | undefined;

/** The folder of the compiled Java helper. Compiled once for each state of its source; any number of processes may ask. */
export function helperClasses(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const names = (await readdir(sources)).filter((name) => name.endsWith('.java')).sort();
  const paths = names.map((name) => join(sources, name));
  const hash = createHash('sha256');
  for (const path of paths) hash.update(await readFile(path));
  const target = join(cacheFolder, `helper-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(target)) return target;
  const folder = `${target}.tmp-${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  // Class files of Java 8, so that any JDK found later runs what another one compiled.
  const flags = ['-source', '8', '-target', '8', '-encoding', 'UTF-8', '-nowarn', '-Xlint:-options'];
  await run(javaTool('javac'), [...flags, '-d', folder, ...paths]);
  try {
    await rename(folder, target);
  } catch (error) {
    // Another process was faster: its folder holds the same classes.
    if (!existsSync(target)) throw error;
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}
