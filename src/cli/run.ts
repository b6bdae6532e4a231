import { EfakturError, exitCodes } from '../base/errors.ts';
import { expandPath, expandStoreAddress } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { isDayFolder, isOwnFolder } from '../catalog/names.ts';
import { type Config, loadConfig, parseRate, splitStores } from '../config.ts';
import { removeDeadScratch } from '../state/job.ts';
import type { ObjectStore } from '../store/store.ts';
import { type Command, type CommandResult, type FlagValues, isSet, text, texts } from './command.ts';
import { commonFlags } from './commands.ts';
import type { Io } from './context.ts';
import { outsideEfaktur, refuseStoreInApp } from './folders.ts';
import { loadDecryptor, loadEncryptor, loadKeysId } from './keys.ts';
import { isSwitchedOn, parseCommandLine } from './parse.ts';
import { ask } from './prompt.ts';
import { terminalProgress } from './terminal-progress.ts';
import { type Manner, print, sayError, sayFailure, sayNote } from './voice.ts';

/** Runs one command line and resolves with its exit code; everything it says goes to the given streams. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  // A command line that is not understood is told in the form that it seems to ask for.
  let manner = mannerOf(argv);
  try {
    const parsed = await parseCommandLine(argv, io.version);
    if (parsed.type === 'print') {
      print(io.stdout, parsed.text);
      return 0;
    }
    manner = {
      json: isSet(parsed.flags, 'json'),
      verbose: isSet(parsed.flags, 'verbose'),
      zone: null,
    };
    const flags = await pathsIn(parsed.command, parsed.flags, io.around);
    const config = await loadConfig(io.around, text(flags, 'env-file'));
    manner = { ...manner, zone: config.zone };
    return await runCommand(parsed.command, flags, parsed.positionals, io, config, manner);
  } catch (error) {
    return sayFailure(io, error, manner);
  }
}

/** Says that something failed which no command waited for, and gives the exit code for it. */
export const sayBug = (argv: readonly string[], io: Io, error: unknown): number =>
  sayFailure(io, error, mannerOf(argv));

/** By the words alone: also where they cannot be parsed. */
const mannerOf = (argv: readonly string[]): Manner => ({
  json: isSwitchedOn(argv, 'json'),
  verbose: isSwitchedOn(argv, 'verbose', 'v'),
  zone: null,
});

async function runCommand(
  command: Command,
  flags: FlagValues,
  positionals: readonly string[],
  io: Io,
  config: Config,
  manner: Manner,
): Promise<number> {
  const { json } = manner;
  const stateDir = config.setting('EFAKTUR_STATE_DIR');
  if (stateDir) await outsideEfaktur(stateDir.value, stateDir.where, io.around.currentFolder);
  const left = await removeDeadScratch(config.stateDir);
  const quiet = isSet(flags, 'quiet');
  const { progress, clear } = terminalProgress(io, quiet);
  const stores: ObjectStore[] = [];
  const askOnTerminal = async (question: string, isSecret: boolean): Promise<string | null> => {
    clear();
    return json ? null : ask(io, withoutAgeKeys(question), isSecret);
  };
  const openOne = async (url: string, from: Config): Promise<ObjectStore> => {
    await refuseStoreInApp(url, io.around, io.signal);
    const { openStore } = await import('../store/open.ts');
    const { limited } = await import('../store/limited.ts');
    const rate = (name: 'EFAKTUR_LIMIT_UPLOAD' | 'EFAKTUR_LIMIT_DOWNLOAD', flag: string): number | null =>
      parseRate(config.setting(name, { name: `--${flag}`, value: text(flags, flag) }));
    const store = await openStore(url, {
      env: from.connectionEnv,
      programEnv: from.programEnv,
      currentFolder: io.around.currentFolder,
      isOwnFolder,
      isPassingFolder: isDayFolder,
    });
    stores.push(
      limited(store, {
        uploadBytesPerSecond: rate('EFAKTUR_LIMIT_UPLOAD', 'limit-upload'),
        downloadBytesPerSecond: rate('EFAKTUR_LIMIT_DOWNLOAD', 'limit-download'),
      }),
    );
    return stores.at(-1) as ObjectStore;
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
        for (const url of storeUrls(flags, config.setting('EFAKTUR_STORE')?.value))
          await openOne(url, config);
        return stores;
      },
      openStore: (url, from) => openOne(url, from),
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
  const warnings: readonly Warning[] = [
    ...config.warnings,
    ...left.map((message) => ({ code: 'state-left' as const, message })),
    ...result.document.warnings,
    ...stores.flatMap(unsyncedNote),
  ];
  const findings: readonly Warning[] = result.findings ?? [];
  if (json) print(io.stdout, JSON.stringify({ ...result.document, warnings }, null, 2));
  else if (!quiet) {
    if (result.showsAgeKey) io.stdout.write(`${result.text}\n`);
    else if (result.text !== null) print(io.stdout, result.text);
    for (const warning of warnings) if (!findings.includes(warning)) sayNote(io, warning, manner);
  }
  if (!result.failure) return 0;
  if (json || findings.length === 0) return sayFailure(io, result.failure, manner);
  for (const finding of findings) sayError(io, finding, manner);
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

/** What a folder's medium could not promise: a NAS or network drive that knows no fsync. */
const unsyncedNote = ({ url, traffic }: ObjectStore): Warning[] =>
  traffic.unsynced === 0
    ? []
    : [
        {
          code: 'not-synced',
          message: `${url}: this folder cannot be told to write through to its disk (fsync), so what was just stored may be lost in a power cut; the next push or verify notices`,
        },
      ];
