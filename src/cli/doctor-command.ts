import { EfakturError } from '../base/errors.ts';
import { isAmazon, parseStoreUrl, type S3Address } from '../store/open.ts';
import { type AdvisedDoctorDocument, doctor } from '../sync/doctor.ts';
import { lifecycleRules, type PolicyDocument, policyFor, policyRoles } from '../sync/policies.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import * as texts from './doctor-texts.ts';
import { formatTable } from './format.ts';

export async function runDoctor(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace } = invocation;
  const { config } = workplace;
  const role = text(flags, 'print-policy');
  if (role !== undefined) return printPolicy(role, invocation);
  const stores = await workplace.stores();
  const { document, problems, failure } = await doctor({
    stores,
    serviceOf: workplace.serviceOf,
    lock: config.lock,
    fullEveryDays: config.fullEveryDays,
    ...workplace.context,
  });
  const rules = stores.flatMap(({ url }) => {
    const address = parseStoreUrl(url, io.around.platform);
    return address.kind === 's3' ? [{ store: url, lifecycle: lifecycleRules(address) }] : [];
  });
  const shown: AdvisedDoctorDocument = { ...document, lifecycleRules: rules };
  return { document: shown, text: describe(shown, invocation), findings: problems, failure };
}

/** The policy alone on stdout, to be saved as a file. */
async function printPolicy(name: string, { io, workplace }: Invocation): Promise<CommandResult> {
  const role = policyRoles.find((known) => known === name);
  if (!role) {
    throw new EfakturError('usage', texts.noPolicy(name), texts.writePolicy(policyRoles));
  }
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
  { flags, say }: Invocation,
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
