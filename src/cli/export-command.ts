import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { versionName } from '../efaktur/app-program.ts';
import { type ExportDocument, exportBackup } from '../sync/export.ts';
import { type ExportProgramDocument, exportProgram, isProgramStored } from '../sync/export-program.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { describeOthers, formatBytes, formatTimes } from './format.ts';
import { wantedOf } from './pull-command.ts';

export async function runExport(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace } = invocation;
  const { config } = workplace;
  const wanted = wantedOf(flags, config.zone);
  const to = text(flags, 'to');
  if (to === undefined) {
    throw new EfakturError(
      'usage',
      'export needs a folder to write into',
      'Name it with --to, for example --to E:\\ for a USB drive.',
    );
  }
  const request = {
    to: resolve(io.around.currentFolder, to),
    zip: isSet(flags, 'zip'),
    pcName: config.originName,
    ...(await workplace.readingContext()),
  };
  // An id is that of a backup or of a program folder.
  if (wanted.by === 'id' && (await isProgramStored(request.stores, wanted.id, request))) {
    const document = await exportProgram({ ...request, id: wanted.id });
    return { document, text: describeProgram(document) };
  }
  const document = await exportBackup({ ...request, wanted, stateDir: config.stateDir });
  return { document, text: describe(document) };
}

const describeProgram = ({ program, store, path, files, bytes }: ExportProgramDocument): string =>
  [
    `Exported the program folder ${program.id}, ${program.version === null ? 'of unknown version' : `e-Faktur ${versionName(program.version).en}`}, from ${store}: ${files} files, ${formatBytes(bytes)}, every one checked.`,
    `It lies in ${path}; its README.txt says how to use it on a new PC.`,
  ].join('\n');

const describe = ({ backup, others, store, path, files, bytes }: ExportDocument): string =>
  [
    `Exported the backup of ${formatTimes(backup)} (${backup.id}) from ${store}: ${files} files, ${formatBytes(bytes)}, every one checked.`,
    ...describeOthers(backup, others),
    `It lies in ${path}; its README.txt says how to restore it by hand.`,
  ].join('\n');
