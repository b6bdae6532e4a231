import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { storesOf } from '../app/all-profiles.ts';
import { noStoreGiven } from '../app/texts.ts';
import type { Workplace } from '../app/workplace.ts';
import { dayMs } from '../base/durations.ts';
import { EfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import { isExecutable } from '../base/executable.ts';
import { findingError } from '../base/finding-error.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { storeIdentity } from '../base/store-identity.ts';
import { readLog } from '../round/log.ts';
import { isAmazon, parseStoreUrl, type S3Address } from '../store/open.ts';
import type { ObjectStore } from '../store/store.ts';
import type { BundleFacts } from '../survey/bundle.ts';
import type { Survey } from '../survey/document.ts';
import type { Entry } from '../survey/profile.ts';
import { surveyPc } from '../survey/survey.ts';
import { nameOtherFile, runInit, zipIsThere } from '../survey/texts.ts';
import { brokenSettings } from '../survey/to-do.ts';
import { type AdvisedDoctorDocument, doctor } from '../sync/doctor.ts';
import { lifecycleRules, type PolicyDocument, policyFor, policyRoles } from '../sync/policies.ts';
import { type CommandResult, type FreeInvocation, texts as flagTexts, isSet, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { describePage } from './doctor-page.ts';
import * as texts from './doctor-texts.ts';
import { formatTable } from './format.ts';
import { withLimits } from './limits.ts';
import { print } from './voice.ts';

/** What `doctor` prints with `--json`. */
export interface DoctorPageDocument extends AdvisedDoctorDocument {
  readonly page: Survey;
  /** The support zip that was written. */
  readonly bundle?: string;
}

/** All that was tried, over the stores of all profiles. */
interface Tests {
  readonly steps: AdvisedDoctorDocument['steps'];
  readonly measured: AdvisedDoctorDocument['measured'];
  readonly lifecycleRules: AdvisedDoctorDocument['lifecycleRules'];
  readonly problems: readonly Finding[];
  readonly warnings: readonly Warning[];
}

/** The page on this PC; then every store that is set is tried, each profile's with its own keys. */
export async function runDoctor(invocation: FreeInvocation): Promise<CommandResult> {
  const { io, flags, settings, say } = invocation;
  const role = text(flags, 'print-policy');
  if (role !== undefined) return printPolicy(role, invocation);
  const bundle = text(flags, 'bundle');
  const bundlePath = bundle === undefined ? null : resolve(io.around.currentFolder, bundle);
  if (bundlePath !== null) await refuseTaken(bundlePath);
  const { around, version, now, signal } = io;
  const [profile, file] = [text(flags, 'profile'), text(flags, 'settings')];
  const isNamed = profile !== undefined || file !== undefined;
  const { survey, entries } = await surveyPc({
    ...{ around, version, now, signal, settings, stores: flagTexts(flags, 'store') },
    maxAgeMs: flagDefaults['max-age'] * dayMs,
    named: isNamed ? { profile: profile ?? null, file: file ?? null } : null,
  });
  const isPageAlone = isSet(flags, 'page');
  if (!isSet(flags, 'json') && !isSet(flags, 'quiet')) print(io.stdout, describePage(survey, say));
  const tests = isPageAlone ? noTests : await testAll(entries, invocation);
  const problems = [...tests.problems, ...wrongIn(survey, isPageAlone)];
  const errors = problems.map(findingError);
  const first = errors.find(({ code }) => code !== 'attention') ?? errors[0];
  const failure = first ?? (isPageAlone || tests.steps.length > 0 ? null : nothingToTest());
  if (bundlePath !== null) {
    const { steps, measured } = tests;
    await writeBundle(bundlePath, { survey, entries, steps, measured });
  }
  const document: DoctorPageDocument = {
    outcome: failure === null ? 'ok' : 'attention',
    steps: tests.steps,
    measured: tests.measured,
    lifecycleRules: tests.lifecycleRules,
    page: survey,
    ...(bundlePath !== null && { bundle: bundlePath }),
    warnings: [...problems, ...tests.warnings],
  };
  const told = [
    ...(tests.steps.length > 0 ? [`\n${describe(document, invocation)}`] : []),
    ...(bundlePath === null ? [] : [`\n${say(texts.bundleIs(bundlePath))}`]),
  ];
  return { document, text: told.length > 0 ? told.join('\n') : null, findings: problems, failure };
}

const noTests: Tests = {
  steps: [],
  measured: [],
  lifecycleRules: [],
  problems: [],
  warnings: [],
};

/** Each store once for the keys it is used with. */
async function testAll(entries: readonly Entry[], invocation: FreeInvocation): Promise<Tests> {
  const { flags } = invocation;
  const isGiven = flagTexts(flags, 'store').length > 0;
  const seen = new Set<string>();
  let all = noTests;
  for (const { config, stores: given } of entries) {
    const isMeant = isGiven ? given.length > 0 : storesIn(config) > 0;
    if (config instanceof EfakturError || !isMeant) continue;
    try {
      const workplace = await invocation.openWorkplace(withLimits(config, flags));
      const stores = (await workplace.stores()).filter(({ url }) => {
        const use = JSON.stringify([storeIdentity(url), Object.entries(config.connectionEnv).sort()]);
        if (seen.has(use)) return false;
        seen.add(use);
        return true;
      });
      if (stores.length > 0) all = joined(all, await test(stores, workplace));
    } catch (error) {
      keepOrThrow(error);
      all = joined(all, { ...noTests, problems: [reportOf(error)] });
    }
  }
  return all;
}

const storesIn = (config: Entry['config']): number =>
  config instanceof EfakturError ? 0 : storesOf(config).length;

const joined = (a: Tests, b: Tests): Tests => ({
  steps: [...a.steps, ...b.steps],
  measured: [...a.measured, ...b.measured],
  lifecycleRules: [...a.lifecycleRules, ...b.lifecycleRules],
  problems: [...a.problems, ...b.problems],
  warnings: [...a.warnings, ...b.warnings],
});

async function test(stores: readonly ObjectStore[], workplace: Workplace): Promise<Tests> {
  const { config, context, around } = workplace;
  const { document, problems } = await doctor({
    stores,
    serviceOf: workplace.serviceOf,
    lock: config.lock,
    fullEveryDays: config.fullEveryDays,
    ...context,
  });
  const rules = stores.flatMap(({ url }) => {
    const address = parseStoreUrl(url, around.platform);
    return address.kind === 's3' ? [{ store: url, lifecycle: lifecycleRules(address) }] : [];
  });
  const notes = document.warnings.filter((warning) => !problems.some((problem) => problem === warning));
  const { steps, measured } = document;
  return { steps, measured, lifecycleRules: rules, problems, warnings: notes };
}

/** What the page alone shows to be wrong: settings that cannot be read, and stores that refuse where no test says more. */
function wrongIn({ profiles }: Survey, isPageAlone: boolean): Finding[] {
  const ofStores = profiles.flatMap(({ profile, stores }) =>
    stores.flatMap(({ error }) => (error ? [{ profile, ...error }] : [])),
  );
  return [...brokenSettings(profiles), ...(isPageAlone ? ofStores : [])].map(({ profile, ...one }) => ({
    ...one,
    message: profile === null ? one.message : texts.ofProfile(profile, one.message),
  }));
}

const nothingToTest = (): EfakturError => new EfakturError('usage', noStoreGiven, runInit);

async function refuseTaken(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  // Before the tests, which take their time.
  if (isThere) throw new EfakturError('usage', zipIsThere(path), nameOtherFile);
}

async function writeBundle(
  path: string,
  facts: Pick<BundleFacts, 'survey' | 'entries' | 'steps' | 'measured'>,
): Promise<void> {
  const log = await readLog(facts.survey.folders.state).catch((error: unknown) => {
    keepOrThrow(error);
    return error;
  });
  const { writeSupportZip } = await import('../survey/support-zip.ts');
  await writeSupportZip(path, { ...facts, log, isExecutable });
}

/** The policy alone on stdout, to be saved as a file. */
async function printPolicy(
  name: string,
  { io, settings, openWorkplace }: FreeInvocation,
): Promise<CommandResult> {
  const role = policyRoles.find((known) => known === name);
  if (!role) {
    throw new EfakturError('usage', texts.noPolicy(name), texts.writePolicy(policyRoles));
  }
  if (settings instanceof EfakturError) throw settings;
  const workplace = await openWorkplace(settings);
  const { config } = workplace;
  const addresses = (await workplace.stores())
    .map(({ url }) => parseStoreUrl(url, io.around.platform))
    .filter((address): address is S3Address => address.kind === 's3');
  const [address] = addresses;
  if (!address || addresses.length > 1) {
    throw new EfakturError('usage', texts.notOneBucket(addresses.length), texts.nameBucket);
  }
  const policy = policyFor(role, {
    ...address,
    locks: config.lock ? { days: config.lock.days, fullEveryDays: config.fullEveryDays } : false,
    isAmazon: isAmazon(address, { env: config.connectionEnv }),
  });
  const document: PolicyDocument = { policy, warnings: [] };
  return { document, text: JSON.stringify(policy, null, 2) };
}

function describe(
  { outcome, steps, lifecycleRules: rules }: AdvisedDoctorDocument,
  { flags, say }: FreeInvocation,
): string {
  const lines: string[] = [];
  for (const store of new Set(steps.map((s) => s.store))) {
    const rows = steps
      .filter((s) => s.store === store)
      .map((s) => [
        `  ${say(texts.marks[s.result])}`,
        s.step,
        s.missingRight ? `${say(s.message)} (${s.missingRight})` : say(s.message),
      ]);
    lines.push(store, formatTable(rows));
  }
  for (const { store, lifecycle } of rules) {
    lines.push(
      say(texts.rulesToSet(store)),
      say(texts.ruleForMinio),
      JSON.stringify(lifecycle, null, isSet(flags, 'verbose') ? 2 : 0),
    );
  }
  const isReader = steps.some(({ step, result }) => step === 'put' && result === 'denied');
  const what = isReader ? texts.needs.restoring : texts.needs.backingUp;
  const hasFailed = steps.some(({ result }) => result === 'failed');
  if (outcome !== 'ok') lines.push(say(texts.needsAttention));
  else if (!hasFailed) lines.push(say(texts.everythingWorks(what)));
  else lines.push(say(texts.worksWithLess(what)));
  return lines.join('\n');
}
