import type { Writable } from 'node:stream';
import { EfakturError, exitCodes, isEfakturError } from '../base/errors.ts';
import { expandPath, expandStoreAddress } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { loadConfig, parseRate, splitStores } from '../config.ts';
import type { ObjectStore } from '../store/store.ts';
import { type Command, type CommandResult, type FlagValues, isSet, text, texts } from './command.ts';
import { commonFlags } from './commands.ts';
import type { Io } from './context.ts';
import { outsideEfaktur, refuseStoreInApp } from './folders.ts';
import { loadDecryptor, loadEncryptor, loadKeysId } from './keys.ts';
import { isSwitchedOn, parseCommandLine } from './parse.ts';
import { ask } from './prompt.ts';
import { terminalProgress } from './terminal-progress.ts';

/** Runs one command line and resolves with its exit code; everything it says goes to the given streams. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  // A command line that is not understood is told in the form that it seems to ask for.
  let isJson = isSwitchedOn(argv, 'json');
  let isVerbose = isSwitchedOn(argv, 'verbose', 'v');
  try {
    const parsed = await parseCommandLine(argv, io.version);
    if (parsed.type === 'print') {
      print(io.stdout, parsed.text);
      return 0;
    }
    isJson = isSet(parsed.flags, 'json');
    isVerbose = isSet(parsed.flags, 'verbose');
    const flags = await pathsIn(parsed.command, parsed.flags, io.around);
    return await runCommand(parsed.command, flags, parsed.positionals, io);
  } catch (error) {
    return printError(error, io, isJson, isVerbose);
  }
}

async function runCommand(
  command: Command,
  flags: FlagValues,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const config = await loadConfig(io.around, text(flags, 'env-file'));
  for (const [name, value] of Object.entries(config.connectionEnv)) io.setEnv(name, value);
  const stateDir = config.setting('EFAKTUR_STATE_DIR');
  if (stateDir) await outsideEfaktur(stateDir.value, stateDir.where, io.around.currentFolder);
  const quiet = isSet(flags, 'quiet');
  const json = isSet(flags, 'json');
  const { progress, clear } = terminalProgress(io, quiet);
  const stores: ObjectStore[] = [];
  const askOnTerminal = async (question: string, isSecret: boolean): Promise<string | null> => {
    clear();
    return json ? null : ask(io, withoutAgeKeys(question), isSecret);
  };
  let result: CommandResult;
  try {
    const run = await command.load();
    result = await run({
      io,
      config,
      flags,
      positionals,
      progress,
      async openStores() {
        const urls = storeUrls(flags, config.setting('EFAKTUR_STORE')?.value);
        const { openStore } = await import('../store/open.ts');
        const { limited } = await import('../store/limited.ts');
        const limits = {
          uploadBytesPerSecond: parseRate(
            config.setting('EFAKTUR_LIMIT_UPLOAD', {
              name: '--limit-upload',
              value: text(flags, 'limit-upload'),
            }),
          ),
          downloadBytesPerSecond: parseRate(
            config.setting('EFAKTUR_LIMIT_DOWNLOAD', {
              name: '--limit-download',
              value: text(flags, 'limit-download'),
            }),
          ),
        };
        for (const url of urls) {
          await refuseStoreInApp(url, io.around);
          const store = await openStore(url, {
            env: config.connectionEnv,
            currentFolder: io.around.currentFolder,
          });
          stores.push(limited(store, limits));
        }
        return stores;
      },
      keysId: () => loadKeysId(config),
      encryptor: () => loadEncryptor(config),
      decryptor: () =>
        loadDecryptor(config, io.around.currentFolder, (question) => askOnTerminal(question, true)),
      ask: (question) => askOnTerminal(question, false),
      askSecret: (question) => askOnTerminal(question, true),
    });
  } finally {
    clear();
    for (const store of stores) store.close();
  }
  const warnings = [...config.warnings, ...result.document.warnings];
  const findings: readonly Warning[] = result.findings ?? [];
  if (json) print(io.stdout, JSON.stringify({ ...result.document, warnings }, null, 2));
  else if (!quiet) {
    if (result.showsAgeKey) io.stdout.write(`${result.text}\n`);
    else if (result.text !== null) print(io.stdout, result.text);
    for (const warning of warnings) if (!findings.includes(warning)) print(io.stderr, noteText(warning));
  }
  if (!result.failure) return 0;
  if (json || findings.length === 0) return printError(result.failure, io, json, isSet(flags, 'verbose'));
  for (const finding of findings) print(io.stderr, errorText(finding));
  return exitCodes[result.failure.code];
}

/**
 * The flags with what a shell would have put into their paths, as it leaves `--to=~/x` and what is quoted to us; what is
 * written is not to lie among e-Faktur's own files.
 */
async function pathsIn(command: Command, values: FlagValues, around: Io['around']): Promise<FlagValues> {
  const flags = { ...commonFlags, ...command.flags };
  const expanded: Record<string, FlagValues[string]> = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = flags[name]?.names;
    const expand = (text: string): string =>
      (kind === 'store' ? expandStoreAddress : expandPath)(text, `--${name}`, around);
    if (kind !== undefined && typeof value === 'string') expanded[name] = expand(value);
    else expanded[name] = kind !== undefined && Array.isArray(value) ? value.map(expand) : value;
    const path = expanded[name];
    if (kind === 'output' && typeof path === 'string' && path !== '' && path !== '-')
      await outsideEfaktur(path, `--${name}`, around.currentFolder);
  }
  return expanded;
}

const noteText = ({ message, hint }: Pick<Warning, 'message' | 'hint'>): string =>
  `Note: ${message}${hint === undefined ? '' : `. ${hint}`}`;

const errorText = ({ message, hint }: Pick<Warning, 'message' | 'hint'>): string =>
  `Error: ${message}${hint === undefined ? '' : `\n${hint}`}`;

/** All that is said goes through here, but for the sheet with a new key and rows of a database. */
const print = (to: Writable, text: string): void => {
  to.write(`${withoutAgeKeys(text)}\n`);
};

function storeUrls(flags: FlagValues, setting: string | undefined): string[] {
  const given = texts(flags, 'store');
  const urls = given.length > 0 ? [...given] : splitStores(setting ?? '');
  if (urls.length > 0) return [...new Set(urls)];
  throw new EfakturError(
    'usage',
    'no store was given',
    'Name it with --store or EFAKTUR_STORE: s3://BUCKET/PREFIX, or a folder.',
  );
}

function printError(error: unknown, io: Io, json: boolean, verbose: boolean): number {
  const stopped = io.signal.aborted && !isEfakturError(error) ? io.signal.reason : error;
  if (!isEfakturError(stopped)) {
    const stack = stopped instanceof Error ? (stopped.stack ?? stopped.message) : String(stopped);
    const bug = {
      code: 'bug',
      message: `this is a bug in efaktur-cloud: ${stack}`,
      hint: 'Please report it with this text.',
    };
    print(io.stderr, json ? JSON.stringify({ error: bug }) : `${bug.message}\n${bug.hint}`);
    return 1;
  }
  const { code, message, hint } = stopped;
  if (json) print(io.stderr, JSON.stringify({ error: { code, message, hint } }));
  else {
    print(io.stderr, errorText({ message, hint }));
    for (let cause = stopped.cause; verbose && cause instanceof Error; cause = cause.cause)
      print(io.stderr, `  because: ${cause.message}`);
  }
  return exitCodes[code];
}
