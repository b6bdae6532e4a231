import { EfakturError } from '../base/errors.ts';
import { isAmazon, parseStoreUrl, type S3Address } from '../store/open.ts';
import { type AdvisedDoctorDocument, doctor } from '../sync/doctor.ts';
import { lifecycleRules, type PolicyDocument, policyFor, policyRoles } from '../sync/policies.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTable } from './format.ts';

export async function runDoctor(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace } = invocation;
  const { config } = workplace;
  const role = text(flags, 'print-policy');
  if (role !== undefined) return printPolicy(role, invocation);
  const stores = await workplace.stores();
  const { document, problems, failure } = await doctor({
    stores,
    lock: config.lock,
    fullEveryDays: config.fullEveryDays,
    ...workplace.context,
  });
  const rules = stores.flatMap(({ url }) => {
    const address = parseStoreUrl(url, io.around.platform);
    return address.kind === 's3' ? [{ store: url, lifecycle: lifecycleRules(address) }] : [];
  });
  const shown: AdvisedDoctorDocument = { ...document, lifecycleRules: rules };
  return { document: shown, text: describe(shown, isSet(flags, 'verbose')), findings: problems, failure };
}

/** The policy alone on stdout, to be saved as a file. */
async function printPolicy(name: string, { io, workplace }: Invocation): Promise<CommandResult> {
  const role = policyRoles.find((known) => known === name);
  if (!role) {
    throw new EfakturError(
      'usage',
      `--print-policy: there is no policy "${name}"`,
      `Write one of ${policyRoles.join(', ')}.`,
    );
  }
  const { config } = workplace;
  const addresses = (await workplace.stores())
    .map(({ url }) => parseStoreUrl(url, io.around.platform))
    .filter((address): address is S3Address => address.kind === 's3');
  const [address] = addresses;
  if (!address || addresses.length > 1) {
    throw new EfakturError(
      'usage',
      `--print-policy: a policy is for one bucket, and ${addresses.length} were given`,
      'Name the one with --store s3://BUCKET/PREFIX.',
    );
  }
  const policy = policyFor(role, {
    ...address,
    locks: config.lock ? { days: config.lock.days, fullEveryDays: config.fullEveryDays } : false,
    isAmazon: isAmazon(address, { env: config.connectionEnv }),
  });
  const document: PolicyDocument = { policy, warnings: [] };
  return { document, text: JSON.stringify(policy, null, 2) };
}

const marks = { ok: 'ok', denied: 'denied', failed: 'FAILED', unknown: '?', skipped: '-' } as const;

function describe(
  { outcome, steps, lifecycleRules: rules }: AdvisedDoctorDocument,
  verbose: boolean,
): string {
  const lines: string[] = [];
  for (const store of new Set(steps.map((s) => s.store))) {
    const rows = steps
      .filter((s) => s.store === store)
      .map((s) => [
        `  ${marks[s.result]}`,
        s.step,
        s.missingRight ? `${s.message} (${s.missingRight})` : s.message,
      ]);
    lines.push(store, formatTable(rows));
  }
  for (const { store, lifecycle } of rules) {
    lines.push(
      `Lifecycle rules to set on the bucket of ${store}, for what cut-off uploads and doctor leave`,
      '(MinIO removes cut-off uploads by itself: give it only efaktur-cloud-doctor, it refuses the other):',
      JSON.stringify(lifecycle, null, verbose ? 2 : 0),
    );
  }
  const isReader = steps.some(({ step, result }) => step === 'put' && result === 'denied');
  const what = isReader ? 'that restoring needs works' : 'that backups need works';
  const hasFailed = steps.some(({ result }) => result === 'failed');
  if (outcome !== 'ok') lines.push('Something needs attention.');
  else if (!hasFailed) lines.push(`Everything ${what}.`);
  else lines.push(`All ${what}, but protects less than it should: see FAILED above.`);
  return lines.join('\n');
}
