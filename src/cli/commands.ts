import { defaultPolicy } from '../catalog/prune-defaults.ts';

import { policyRoles } from '../sync/policies.ts';

import type { Command } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { appFlag, deleteFlag, onOff, output, path, store, value, wantedFlags } from './flags.ts';
import {
  aDay,
  aFile,
  aFolder,
  aMoment,
  aName,
  aNumber,
  anId,
  aPart,
  aRole,
  aShell,
  aSource,
  aSpan,
  aText,
  completionHelp,
  copyHelp,
  days,
  doctorHelp,
  exportHelp,
  historyHelp,
  installStatusRemove,
  keysHelp,
  listHelp,
  newOrShow,
  notifyHelp,
  numberOrShare,
  profilesHelp,
  pruneHelp,
  pruneLocalHelp,
  pullHelp,
  pushHelp,
  runHelp,
  scheduleHelp,
  statusHelp,
  verifyHelp,
  wantedHelp,
} from './help-texts.ts';
import { initHelp, newOrRestorePlaceholder, someKeys, someTimes } from './init-help-texts.ts';
import { insideCommands } from './inside-commands.ts';

/* Commands as data, each loaded when it is run. Their order is that of the help. */

const init: Command = {
  name: 'init',
  aliases: [],
  describe: initHelp.about,
  positionals: newOrRestorePlaceholder,
  flags: {
    app: path(initHelp.app, aFolder, { many: true }),
    name: value(initHelp.name, aName),
    'keys-file': path(initHelp.keysFile, aFile),
    sheet: output(initHelp.sheet, aFile),
    recipients: value(initHelp.recipients, someKeys),
    unencrypted: onOff(initHelp.unencrypted),
    'key-file': path(initHelp.keyFile, aFile),
    'keep-key': onOff(initHelp.keepKey),
    moved: onOff(initHelp.moved),
    schedule: value(initHelp.schedule, someTimes),
    ...wantedFlags,
    to: path(initHelp.to, aFolder),
    expect: value(initHelp.expect, aText, { many: true }),
    plain: onOff(initHelp.plain),
    yes: onOff(initHelp.yes),
  },
  isOfAll: () => true,
  load: async () => (await import('./init-command.ts')).runInit,
};

const push: Command = {
  name: 'push',
  aliases: ['backup'],
  describe: pushHelp.about,
  flags: {
    app: appFlag,
    source: path(pushHelp.source, aSource, { choices: ['auto', 'backup', 'live'] }),
    captured: value(pushHelp.captured, aMoment),
    all: onOff(pushHelp.all),
    full: onOff(pushHelp.full),
    'whole-app': onOff(pushHelp.wholeApp),
    'with-certificates': onOff(pushHelp.withCertificates),
    'dry-run': onOff(pushHelp.dryRun),
    'force-damaged': onOff(pushHelp.forceDamaged),
    'allow-plaintext': onOff(pushHelp.allowPlaintext),
    moved: onOff(pushHelp.moved),
    'new-store': onOff(pushHelp.newStore),
  },
  load: async () => (await import('./push-command.ts')).runPush,
};

const pull: Command = {
  name: 'pull',
  aliases: ['restore'],
  describe: pullHelp.about,
  flags: {
    app: appFlag,
    ...wantedFlags,
    to: path(pullHelp.to, aFolder),
    expect: value(pullHelp.expect, aText, { many: true }),
    'dry-run': onOff(pullHelp.dryRun),
    'force-damaged': onOff(pullHelp.forceDamaged),
    'whole-app': onOff(pullHelp.wholeApp),
    program: value(pullHelp.program, anId),
    'other-version': onOff(pullHelp.otherVersion),
    yes: onOff(pullHelp.yes),
  },
  load: async () => (await import('./pull-command.ts')).runPull,
};

const list: Command = {
  name: 'list',
  aliases: [],
  describe: listHelp.about,
  flags: {
    since: value(listHelp.since, aDay),
    until: value(listHelp.until, aDay),
    long: onOff(listHelp.long),
    programs: onOff(listHelp.programs),
  },
  load: async () => (await import('./list-command.ts')).runList,
};

const verify: Command = {
  name: 'verify',
  aliases: [],
  describe: verifyHelp.about,
  flags: {
    app: appFlag,
    ...wantedFlags,
    all: onOff(verifyHelp.all),
    'read-data': value(verifyHelp.readData, aPart, { optional: true }),
    engine: onOff(verifyHelp.engine),
    'derby-jar': path(verifyHelp.derbyJar, aFile),
  },
  load: async () => (await import('./verify-command.ts')).runVerify,
};

const status: Command = {
  name: 'status',
  aliases: [],
  describe: statusHelp.about,
  flags: {
    app: appFlag,
    'max-age': value(statusHelp.maxAge, days, { unlessGiven: flagDefaults['max-age'] }),
    'max-unproven': value(statusHelp.maxUnproven, days, { unlessGiven: flagDefaults['max-unproven'] }),
    all: onOff(statusHelp.all),
    fleet: store(statusHelp.fleet),
    except: value(statusHelp.except, aName, { many: true }),
    metrics: output(statusHelp.metrics, aFile),
  },
  isOfAll: (flags) => flags.all === true,
  load: async () => (await import('./status-command.ts')).runStatus,
};

const profiles: Command = {
  name: 'profiles',
  aliases: [],
  describe: profilesHelp,
  flags: {},
  isOfAll: () => true,
  load: async () => (await import('./profiles-command.ts')).runProfiles,
};

const doctor: Command = {
  name: 'doctor',
  aliases: [],
  describe: doctorHelp.about,
  flags: {
    page: onOff(doctorHelp.page),
    bundle: output(doctorHelp.bundle, aFile),
    'print-policy': value(doctorHelp.printPolicy, aRole, { choices: policyRoles }),
  },
  loadFree: async () => (await import('./doctor-command.ts')).runDoctor,
};

const keys: Command = {
  name: 'keys',
  aliases: [],
  describe: keysHelp.about,
  positionals: newOrShow,
  flags: {
    out: output(keysHelp.out, aFile),
    sheet: path(keysHelp.sheet, aFile),
    passphrase: onOff(keysHelp.passphrase),
  },
  load: async () => (await import('./keys-command.ts')).runKeys,
};

const prune: Command = {
  name: 'prune',
  aliases: [],
  describe: pruneHelp.about,
  flags: {
    'keep-last': value(pruneHelp.last, aNumber, { unlessGiven: defaultPolicy.last }),
    'keep-daily': value(pruneHelp.daily, aNumber, { unlessGiven: defaultPolicy.daily }),
    'keep-weekly': value(pruneHelp.weekly, aNumber, { unlessGiven: defaultPolicy.weekly }),
    'keep-monthly': value(pruneHelp.monthly, aNumber, { unlessGiven: defaultPolicy.monthly }),
    'keep-yearly': value(pruneHelp.yearly, aNumber, { unlessGiven: defaultPolicy.yearly }),
    'keep-within': value(pruneHelp.within, aSpan),
    'max-delete': value(pruneHelp.maxDelete, numberOrShare, { unlessGiven: flagDefaults['max-delete'] }),
    yes: deleteFlag,
  },
  load: async () => (await import('./prune-command.ts')).runPrune,
};

const pruneLocal: Command = {
  name: 'prune-local',
  aliases: [],
  describe: pruneLocalHelp.about,
  flags: {
    app: appFlag,
    keep: value(pruneLocalHelp.keep, aNumber, { unlessGiven: flagDefaults.keep }),
    yes: deleteFlag,
  },
  load: async () => (await import('./prune-local-command.ts')).runPruneLocal,
};

const exportBackup: Command = {
  name: 'export',
  aliases: [],
  describe: exportHelp.about,
  flags: {
    ...wantedFlags,
    to: output(exportHelp.to, aFolder),
    zip: onOff(exportHelp.zip),
  },
  load: async () => (await import('./export-command.ts')).runExport,
};

const copy: Command = {
  name: 'copy',
  aliases: [],
  describe: copyHelp.about,
  flags: {
    from: store(copyHelp.from),
    to: store(copyHelp.to),
    'from-settings': path(copyHelp.fromSettings, aFile),
    'to-settings': path(copyHelp.toSettings, aFile),
    all: onOff(copyHelp.all),
    since: value(copyHelp.since, aDay),
    id: value(wantedHelp.id, anId),
    'read-back': onOff(copyHelp.readBack),
    'dry-run': onOff(copyHelp.dryRun),
  },
  load: async () => (await import('./copy-command.ts')).runCopy,
};

const run: Command = {
  name: 'run',
  aliases: [],
  describe: runHelp.about,
  flags: { scheduled: onOff(runHelp.scheduled) },
  isOfAll: () => true,
  loadFree: async () => (await import('./run-command.ts')).runRun,
};

const notify: Command = {
  name: 'notify',
  aliases: [],
  describe: notifyHelp.about,
  flags: { test: onOff(notifyHelp.test) },
  isOfAll: () => true,
  loadFree: async () => (await import('./notify-command.ts')).runNotify,
};

const history: Command = {
  name: 'history',
  aliases: [],
  describe: historyHelp.about,
  flags: { since: value(historyHelp.since, aDay), until: value(historyHelp.until, aDay) },
  isOfAll: () => true,
  loadFree: async () => (await import('./history-command.ts')).runHistory,
};

const completion: Command = {
  name: 'completion',
  aliases: [],
  describe: completionHelp.about,
  positionals: aShell,
  flags: {},
  loadFree: async () => {
    const { runCompletion } = await import('./completion-command.ts');
    return (invocation) => runCompletion(invocation, commands);
  },
};

const schedule: Command = {
  name: 'schedule',
  aliases: [],
  describe: scheduleHelp.about,
  positionals: installStatusRemove,
  isOfAll: () => true,
  flags: { at: value(scheduleHelp.at, someTimes) },
  loadFree: async () => (await import('./schedule-command.ts')).runSchedule,
};

export const commands: readonly Command[] = [
  init,
  push,
  pull,
  list,
  verify,
  status,
  profiles,
  doctor,
  keys,
  prune,
  pruneLocal,
  exportBackup,
  copy,
  ...insideCommands,
  run,
  history,
  notify,
  completion,
  schedule,
];
