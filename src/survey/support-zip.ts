import { rm } from 'node:fs/promises';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { createZip } from '../base/zip-writer.ts';
import { type BundleFacts, bundleOf } from './bundle.ts';
import { bundleReadme, nameOtherFile, zipIsThere, zipNotWritten } from './texts.ts';

/**
 * Writes what a helper needs into a new zip; `usage` for a file that is there, `target-not-writable` for a place that takes none. A
 * zip that did not become whole is removed.
 */
export async function writeSupportZip(path: string, facts: BundleFacts): Promise<void> {
  const { log, ...page } = bundleOf(facts);
  const time = new Date(facts.survey.computer.now);
  const zip = await createZip(path).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST')
      throw new EfakturError('usage', zipIsThere(path), nameOtherFile, error);
    throw asTargetError(error, zipNotWritten(path));
  });
  try {
    zip.addText('README.txt', `${bundleReadme.id}\n\n${bundleReadme.en}\n`, time);
    zip.addText('page.json', `${JSON.stringify(page, null, 2)}\n`, time);
    zip.addText('log.json', `${JSON.stringify(log, null, 1)}\n`, time);
    await zip.finish();
  } catch (error) {
    await zip.close();
    await rm(path, { force: true });
    throw asTargetError(error, zipNotWritten(path));
  }
  await zip.close();
}
