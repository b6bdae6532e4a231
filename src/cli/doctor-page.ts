import { basename } from 'node:path';
import type { Text } from '../base/text.ts';
import { verbatim } from '../base/text.ts';
import { schedulerNames } from '../schedule/texts.ts';
import type { Survey, SurveyedApp, SurveyedProfile, SurveyedStore, ToDo } from '../survey/document.ts';
import * as texts from './doctor-page-texts.ts';
import { formatTable } from './format.ts';
import { timesOf } from './schedule-texts.ts';
import { solution } from './texts.ts';

/** The page of `doctor` as a person reads it. */

type Say = (text: Text) => string;
type Row = readonly [label: string, ...cells: string[]];

export function describePage(survey: Survey, say: Say): string {
  const { program, computer } = survey;
  const parts = [
    `${say(texts.title(program.version, computer.name, computer.now, computer.zone))}\n${table(ofPc(survey, say))}`,
    ...survey.profiles.map((profile) => describeProfile(profile, survey.waitedMs, say)),
    toDoText(survey.toDo, survey.profiles.length > 1, say),
  ];
  return parts.join('\n\n');
}

const table = (rows: readonly Row[]): string =>
  formatTable(rows.map(([label, ...cells]) => [`  ${label}`, cells.join(', ')]));

function ofPc(survey: Survey, say: Say): Row[] {
  const { program, folders, apps, schedule, lastRun, waitedMs } = survey;
  const late = texts.unknownYet(waitedMs);
  const found: Row[] =
    apps === null
      ? [[say(texts.labels.found), say(late)]]
      : apps.length === 0
        ? [[say(texts.labels.found), say(texts.noneFound)]]
        : apps.map(({ path, changedAt }) => [
            say(texts.labels.found),
            path,
            ...(changedAt === null ? [] : [say(texts.changed(changedAt))]),
          ]);
  return [
    [say(texts.labels.system), `${program.platform} ${program.release} ${program.arch}`],
    ['Node.js', program.node],
    [say(texts.labels.settings), folders.settings],
    [say(texts.labels.state), folders.state],
    ...found,
    [say(texts.labels.schedule), ...scheduleCells(schedule, late).map(say)],
    [
      say(texts.labels.lastRun),
      say(
        lastRun.startedAt === null
          ? texts.never
          : texts.ranAt(lastRun.startedAt, lastRun.endedAt, lastRun.exitCode),
      ),
    ],
  ];
}

function scheduleCells(schedule: Survey['schedule'], late: Text): Text[] {
  if (schedule === null) return [late];
  if (!schedule.isInstalled || schedule.kind === null) return [texts.noneSet];
  const { kind, at, nextRunAt, lastRunAt, profile } = schedule;
  return [
    schedulerNames[kind],
    timesOf(at, kind),
    ...(profile === null ? [] : [texts.profileTitle(profile)]),
    ...(lastRunAt === null ? [] : [texts.lastAt(lastRunAt)]),
    ...(nextRunAt === null ? [] : [texts.nextAt(nextRunAt)]),
  ];
}

function describeProfile(surveyed: SurveyedProfile, waitedMs: number, say: Say): string {
  const { profile, file, error, app, stores, settings, warnings } = surveyed;
  const head = say(profile === null ? texts.withoutProfile : texts.profileTitle(profile));
  const rows: Row[] = [];
  if (file !== null) rows.push([say(texts.labels.file), file]);
  if (error) return [head, ...(rows.length > 0 ? [table(rows)] : []), `  ${say(error.message)}`].join('\n');
  rows.push([say(texts.labels.app), ...appCells(app, waitedMs).map(say)]);
  if (stores.length === 0) rows.push([say(texts.labels.store), say(texts.noneSet)]);
  for (const store of stores) rows.push([say(texts.labels.store), ...storeCells(store, waitedMs).map(say)]);
  rows.push(...workRows(surveyed, say));
  for (const { message } of warnings) rows.push([say(texts.labels.note), say(message)]);
  const shown = settings.map(({ name, value, from }) => [
    `    ${name}`,
    value ?? say(texts.isSet),
    from === 'environment' ? say(texts.fromEnvironment) : basename(from),
  ]);
  const list = shown.length === 0 ? [] : [`  ${say(texts.labels.settings)}`, formatTable(shown)];
  return [head, table(rows), ...list].join('\n');
}

function appCells(app: SurveyedApp | null, waitedMs: number): Text[] {
  if (app === null) return [texts.unknownYet(waitedMs)];
  if (app.path === null) return [texts.noneKnown];
  const { version, isOpen, databases, changedAt, loginBackups, newestLoginBackupAt } = app;
  return [
    verbatim(app.path),
    ...(version === null ? [] : [texts.version(version)]),
    ...(isOpen === null ? [] : [isOpen ? texts.opened.open : texts.opened.closed]),
    ...(databases === null ? [] : [texts.databases(databases)]),
    ...(changedAt === null ? [] : [texts.changed(changedAt)]),
    ...(loginBackups === null ? [] : [texts.loginBackups(loginBackups, newestLoginBackupAt)]),
  ];
}

function storeCells({ store, answer, ms, error, lastSentAt }: SurveyedStore, waitedMs: number): Text[] {
  const found = {
    answers: texts.answers(ms),
    silent: texts.unknownYet(waitedMs),
    'not-there': texts.notThere,
    failed: texts.fails(error?.code ?? ''),
  }[answer];
  return [verbatim(store), found, ...(lastSentAt === null ? [] : [texts.sentLast(lastSentAt)])];
}

function workRows({ keys, worked }: SurveyedProfile, say: Say): Row[] {
  const identity = keys.isThere === false ? texts.identities.gone : texts.identities[keys.identity];
  const encryption =
    keys.recipients === 0
      ? [texts.notEncrypted, ...(keys.identity === 'none' ? [] : [identity])]
      : [texts.encryptedTo(keys.recipients), identity];
  const at = (what: Text, time: string | null): string =>
    `${say(what)} ${say(time === null ? texts.never : texts.momentOf(time))}`;
  const { outcome, code, since } = worked;
  return [
    [say(texts.labels.keys), ...encryption.map(say)],
    [
      say(texts.labels.worked),
      at(texts.works.push, worked.lastPushOkAt),
      at(texts.works.verify, worked.lastVerifyOkAt),
      at(texts.works.prune, worked.lastPruneOkAt),
      at(texts.works.message, worked.lastNotifiedAt),
    ],
    ...(outcome === null
      ? []
      : [
          [
            say(texts.labels.outcome),
            `${say(texts.outcomes[outcome])}${code === null ? '' : ` (${code})`}`,
            ...(since === null ? [] : [say(texts.since(since))]),
          ] as Row,
        ]),
  ];
}

function toDoText(toDo: readonly ToDo[], namesProfiles: boolean, say: Say): string {
  if (toDo.length === 0) return say(texts.nothingToDo);
  const lines = toDo.map(({ profile, message, hint }, i) => {
    const of = namesProfiles && profile !== null ? `${profile}: ` : '';
    return `  ${i + 1}. ${of}${say(message)}\n     ${say(solution)}: ${say(hint)}`;
  });
  return [say(texts.whatToDo), ...lines].join('\n');
}
