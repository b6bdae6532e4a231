/* What is wrong with one container, in plain words. What it makes of the database is for verdict.ts to say. */
import { containerFileName, isIndexContainer } from './container.ts';
import type { ContainerFacts, PageFault } from './scan.ts';

export interface ContainerProblem {
  readonly severity: 'damaged' | 'note';
  readonly kind: 'container-header' | 'file-length' | 'page';
  /** Null when it is the file as a whole. */
  readonly page: number | null;
  readonly message: string;
}

const faultWords: Readonly<Record<PageFault, string>> = {
  checksum: 'its bytes are not those that were written',
  zero: 'it is empty where data should be',
  format: 'it is not a page of a database',
  structure: 'what it holds contradicts itself',
  alloc: 'the list of pages in it contradicts itself',
};

export interface ContainerTruths {
  /** Whose file it is, in the messages. */
  readonly label: string;
  /** Only the first page can be checked. */
  readonly isEncrypted: boolean;
}

/** True when the file ends among pages that are only reserved. */
export const lacksReserve = ({ pages, usedPages, demandPages, restBytes }: ContainerFacts): boolean =>
  restBytes === 0 && pages >= usedPages && pages < demandPages;

export function containerProblems(
  facts: ContainerFacts,
  { label, isEncrypted }: ContainerTruths,
): readonly ContainerProblem[] {
  const problems: ContainerProblem[] = [];
  const damaged = (kind: ContainerProblem['kind'], message: string, page: number | null = null): void => {
    problems.push({ severity: 'damaged', kind, page, message });
  };
  const { header } = facts;
  if (!header) {
    damaged('container-header', `The file of ${label} does not begin as a file of the database does.`, 0);
    return problems;
  }
  if (!header.crcOk) damaged('container-header', `The front of the file of ${label} is damaged.`, 0);
  // After a committed drop only the header means anything.
  if (header.committedDrop) return problems;
  // Derby leaves the reserved pages out of its own backups, and of files that it encrypts or decrypts in place.
  if (facts.pages < facts.demandPages && !lacksReserve(facts)) {
    const missing = facts.demandPages - facts.pages;
    damaged(
      'file-length',
      `The file of ${label} is cut short: ${missing} of ${facts.demandPages} pages are missing.`,
    );
  } else if (facts.restBytes > 0) {
    damaged('file-length', `The file of ${label} ends in the middle of a page.`);
  }
  if (isEncrypted) {
    if (facts.firstPageFault) damaged('page', pageMessage(0, label, facts.firstPageFault), 0);
    return problems;
  }
  for (const { page, fault } of facts.faults) damaged('page', pageMessage(page, label, fault), page);
  const more = facts.faultCount - facts.faults.length;
  if (more > 0) damaged('page', `${more} more pages of ${label} are damaged.`);
  if (facts.slackFaultCount > 0) {
    const message = `${facts.slackFaultCount} unused pages at the end of ${label} are damaged; Derby writes them anew before use.`;
    problems.push({ severity: 'note', kind: 'page', page: null, message });
  }
  return problems;
}

const pageMessage = (page: number, label: string, fault: PageFault): string =>
  `Page ${page} of ${label} is damaged: ${faultWords[fault]}.`;

/** What only shows when nothing is on its way: rows that lead nowhere, and files that are those of another table. */
export function contentProblems(
  id: number,
  { content, faultCount, header }: ContainerFacts,
  label: string,
): readonly ContainerProblem[] {
  if (!content || faultCount > 0 || header?.committedDrop) return [];
  const damaged = (message: string, page: number | null): ContainerProblem => ({
    severity: 'damaged',
    kind: 'page',
    page,
    message,
  });
  if (content.container !== id) {
    const whose = content.container === null ? 'none' : `that of ${containerFileName(content.container)}`;
    return [damaged(`The first page of ${label} is not its own, but ${whose}.`, 1)];
  }
  const what = isIndexContainer(id)
    ? 'its place in the index, or an entry in it, is not what the rest of the index says'
    : 'a row in it cannot be read, as it goes on where nothing of it is, or holds what is no value';
  const problems = content.brokenPages.map((page) =>
    damaged(`Page ${page} of ${label} is damaged: ${what}.`, page),
  );
  const more = content.brokenCount - content.brokenPages.length;
  if (more > 0) problems.push(damaged(`${more} more rows or pages of ${label} are damaged so.`, null));
  return problems;
}
