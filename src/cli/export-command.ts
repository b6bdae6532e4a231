import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { type ExportDocument, exportBackup } from '../sync/export.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { describeOthers, formatBytes, formatTimes } from './format.ts';
import { wantedOf } from './pull-command.ts';

export async function runExport(invocation: Invocation): Promise<CommandResult> {
  const { io, config, flags } = invocation;
  const wanted = wantedOf(flags, config.zone);
  const to = text(flags, 'to');
  if (to === undefined) {
    throw new EfakturError(
      'usage',
      'export needs a folder to write into',
      'Name it with --to, for example --to E:\\ for a USB drive.',
    );
  }
  const document = await exportBackup({
    wanted,
    stores: await invocation.openStores(),
    stateDir: config.stateDir,
    to: resolve(io.around.currentFolder, to),
    zip: isSet(flags, 'zip'),
    pcName: config.originName,
    decryptor: await invocation.decryptor(),
    program: `efaktur-cloud ${io.version}`,
    zone: config.zone,
    now: io.now,
    signal: io.signal,
    progress: invocation.progress,
  });
  return { document, text: describe(document) };
}

const describe = ({ backup, others, store, path, files, bytes }: ExportDocument): string =>
  [
    `Exported the backup of ${formatTimes(backup)} (${backup.id}) from ${store}: ${files} files, ${formatBytes(bytes)}, every one checked.`,
    ...describeOthers(backup, others),
    `It lies in ${path}; its README.txt says how to restore it by hand.`,
  ].join('\n');
