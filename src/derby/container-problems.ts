/* What is wrong with one container, in plain words. What it makes of the database is for verdict.ts to say. */
import type { Text } from '../base/text.ts';
import { containerFileName, isIndexContainer } from './container.ts';
import {
  brokenEntry,
  brokenRow,
  cutShort,
  endsInPage,
  foreignFirstPage,
  frontDamaged,
  moreBroken,
  morePages,
  noContainer,
  pageDamaged,
  pageFaults,
  unusedPages,
} from './problem-texts.ts';
import type { ContainerFacts } from './scan.ts';

export interface ContainerProblem {
  readonly severity: 'damaged' | 'note';
  readonly kind: 'container-header' | 'file-length' | 'page';
  /** Null when it is the file as a whole. */
  readonly page: number | null;
  readonly message: Text;
}

export interface ContainerTruths {
  /** Whose file it is, in the messages. */
  readonly label: Text;
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
  const damaged = (kind: ContainerProblem['kind'], message: Text, page: number | null = null): void => {
    problems.push({ severity: 'damaged', kind, page, message });
  };
  const { header } = facts;
  if (!header) {
    damaged('container-header', noContainer(label), 0);
    return problems;
  }
  if (!header.crcOk) damaged('container-header', frontDamaged(label), 0);
  // After a committed drop only the header means anything.
  if (header.committedDrop) return problems;
  // Derby leaves the reserved pages out of its own backups, and of files that it encrypts or decrypts in place.
  if (facts.pages < facts.demandPages && !lacksReserve(facts)) {
    const missing = facts.demandPages - facts.pages;
    damaged('file-length', cutShort(label, missing, facts.demandPages));
  } else if (facts.restBytes > 0) {
    damaged('file-length', endsInPage(label));
  }
  if (isEncrypted) {
    if (facts.firstPageFault) damaged('page', pageDamaged(0, label, pageFaults[facts.firstPageFault]), 0);
    return problems;
  }
  for (const { page, fault } of facts.faults)
    damaged('page', pageDamaged(page, label, pageFaults[fault]), page);
  const more = facts.faultCount - facts.faults.length;
  if (more > 0) damaged('page', morePages(more, label));
  if (facts.slackFaultCount > 0) {
    const message = unusedPages(facts.slackFaultCount, label);
    problems.push({ severity: 'note', kind: 'page', page: null, message });
  }
  return problems;
}

/** What only shows when nothing is on its way: rows that lead nowhere, and files that are those of another table. */
export function contentProblems(
  id: number,
  { content, faultCount, header }: ContainerFacts,
  label: Text,
): readonly ContainerProblem[] {
  if (!content || faultCount > 0 || header?.committedDrop) return [];
  const damaged = (message: Text, page: number | null): ContainerProblem => ({
    severity: 'damaged',
    kind: 'page',
    page,
    message,
  });
  if (content.container !== id) {
    const whose = content.container === null ? null : containerFileName(content.container);
    return [damaged(foreignFirstPage(label, whose), 1)];
  }
  const what = isIndexContainer(id) ? brokenEntry : brokenRow;
  const problems = content.brokenPages.map((page) => damaged(pageDamaged(page, label, what), page));
  const more = content.brokenCount - content.brokenPages.length;
  if (more > 0) problems.push(damaged(moreBroken(more, label), null));
  return problems;
}
