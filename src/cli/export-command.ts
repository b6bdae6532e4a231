import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text } from '../base/text.ts';
import { eFakturName } from '../efaktur/app-program.ts';
import { type ExportDocument, exportBackup } from '../sync/export.ts';
import { type ExportProgramDocument, exportProgram, isProgramStored } from '../sync/export-program.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { describeOthers, formatTimes } from './format.ts';
import { wantedOf } from './pull-command.ts';
import {
  backupFrom,
  exportNeedsFolder,
  nameItWithTo,
  programFrom,
  readmeSaysRestore,
  readmeSaysUse,
  wasExported,
} from './pull-texts.ts';

export async function runExport(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, say, workplace } = invocation;
  const { config } = workplace;
  const wanted = wantedOf(flags, config.zone);
  const to = text(flags, 'to');
  if (to === undefined) {
    throw new EfakturError('usage', exportNeedsFolder, nameItWithTo);
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
    return { document, text: say(describeProgram(document)) };
  }
  const document = await exportBackup({ ...request, wanted, stateDir: config.stateDir });
  return { document, text: say(describe(document)) };
}

const describeProgram = ({ program, store, path, ...size }: ExportProgramDocument): Text => {
  const { id, version } = program;
  return joined([wasExported(programFrom(id, eFakturName(version), store), size), readmeSaysUse(path)], '\n');
};

const describe = ({ backup, others, store, path, ...size }: ExportDocument): Text =>
  joined(
    [
      wasExported(backupFrom(formatTimes(backup), backup.id, store), size),
      ...describeOthers(backup, others),
      readmeSaysRestore(path),
    ],
    '\n',
  );
