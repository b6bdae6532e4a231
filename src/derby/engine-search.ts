import { readdir, readFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import {
  ended,
  installJava,
  javaRefused,
  nameDerbyJar,
  noAnswer,
  noDerbyJar,
  noDerbyJarIn,
  noJava,
} from './engine-texts.ts';
import { javaEnvironment, runJava, words } from './java-run.ts';

/** Java and Derby on this computer. */

/** Where Java and Derby lie. */
export interface Engine {
  readonly java: string;
  readonly derbyJar: string;
  /** All that Java gets of this program's environment: {@link javaEnvironment}. */
  readonly env: Readonly<Record<string, string>>;
}

export interface EngineSearch {
  /** This program's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly javaHome: string | null;
  /** PATH as the system has it. */
  readonly path: string;
  readonly derbyHome: string | null;
  readonly appFolder: string | null;
  /** Named by the user: no other is looked for. */
  readonly derbyJar: string | null;
}

const driverClass = 'org/apache/derby/jdbc/EmbeddedDriver.class';
/**
 * Finds a Java that runs (JAVA_HOME, then PATH, then the app folder's own `java/bin`) and derby.jar (the one named, else
 * in the app folder's `lib` or beside the programs, else DERBY_HOME/lib). `usage` when one is not found, naming what was
 * tried and why it would not do.
 */
export async function findEngine(search: EngineSearch): Promise<Engine> {
  const java = await findJava(search);
  const derbyJar = await findDerbyJar(search);
  return { java, derbyJar, env: javaEnvironment(search.env) };
}

async function findJava({ javaHome, path, appFolder, env }: EngineSearch): Promise<string> {
  const name = process.platform === 'win32' ? 'java.exe' : 'java';
  const folders = [
    ...(javaHome ? [resolve(javaHome, 'bin')] : []),
    // What PATH names relative to the current folder would be whatever lies there.
    ...path.split(delimiter).filter((folder) => isAbsolute(folder)),
    ...(appFolder ? [join(appFolder, 'java', 'bin'), join(appFolder, 'java', 'jre', 'bin')] : []),
  ];
  const refused: Text[] = [];
  for (const folder of new Set(folders)) {
    const java = join(folder, name);
    const ran = await runJava(java, ['-version'], { env: javaEnvironment(env), timeoutMs: 60_000 });
    if (ran.code === 0) return java;
    if (ran.end === 'ENOENT') continue;
    const why = ran.timedOut ? noAnswer : ended(ran.code, ran.end);
    refused.push(javaRefused(java, why, words(ran.stderr.split('\n')[0])));
  }
  throw new EfakturError('usage', noJava(refused), installJava);
}

async function findDerbyJar({ derbyJar, appFolder, derbyHome }: EngineSearch): Promise<string> {
  if (derbyJar !== null) {
    if (await isDerbyJar(derbyJar)) return derbyJar;
    throw new EfakturError('usage', noDerbyJar(derbyJar), nameDerbyJar);
  }
  const folders = appFolder ? [join(appFolder, 'lib'), appFolder] : [];
  for (const folder of folders) {
    const jars = (await namesIn(folder)).filter((name) => name.toLowerCase().endsWith('.jar'));
    // Derby's own name first: any jar may hold it, but most do not, and all must be read to see.
    const isDerby = (name: string): number => (/^derby/i.test(name) ? 0 : 1);
    for (const name of jars.sort((a, b) => isDerby(a) - isDerby(b) || (a < b ? -1 : 1)))
      if (await isDerbyJar(join(folder, name))) return join(folder, name);
  }
  const atHome = derbyHome ? join(derbyHome, 'lib', 'derby.jar') : null;
  if (atHome && (await isDerbyJar(atHome))) return atHome;
  throw new EfakturError('usage', noDerbyJarIn([...folders, ...(atHome ? [atHome] : [])]), nameDerbyJar);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return [];
  }
}

/** A zip's list of names is not compressed: the class is in the jar when its name is. */
async function isDerbyJar(path: string): Promise<boolean> {
  try {
    const bytes = await readFile(path);
    return bytes.subarray(0, 2).toString('latin1') === 'PK' && bytes.includes(driverClass);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return false;
  }
}
