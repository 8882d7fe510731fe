/** The part of ParleyApi about people: what this person calls them, whom they have verified, whom they do not want to hear. */

/** How somebody was verified: `number`: 60 digits · `code`: a QR code · `emoji`: over a live link · `word`: this person says so. */
export type VerifiedBy = "number" | "code" | "emoji" | "word";

export interface PersonInfo {
  readonly author: string;
  /** What this person sees: the petname, else the self-claimed name, else the fingerprint. */
  readonly name: string;
  readonly fingerprint: string;
  /** Absent where they call themselves nothing. */
  readonly claimed?: string;
  readonly petname?: string;
  /** `time` is RFC 3339. */
  readonly verified?: { readonly by: VerifiedBy; readonly time: string };
  readonly ignored: boolean;
  readonly blocked: boolean;
  /** The name looks like that of somebody else who is known here. */
  readonly confusable: boolean;
  /** Connected now. */
  readonly here: boolean;
}

export interface SafetyInfo extends PersonInfo {
  /** 60 digits in groups of 5; the other side sees the same. */
  readonly number: string;
  /** Text of the QR code this side shows. */
  readonly code: string;
}

export interface ComparisonInfo extends PersonInfo {
  readonly emoji: readonly { readonly emoji: string; readonly name: string }[];
}

export interface PeopleApi {
  /** Everybody known here but this person. */
  people(): Promise<PersonInfo[]>;
  /** null takes the petname away. @throws `petname-taken`, `bad-name` */
  setPetname(request: { who: string; petname: string | null }): Promise<PersonInfo>;
  /** Hides somebody, refuses their devices and forwards nothing of theirs; or no more. @throws `ignore-self` */
  block(request: { who: string; on: boolean }): Promise<PersonInfo>;
  /** What the two of them compare. */
  safety(request: { who: string }): Promise<SafetyInfo>;
  /**
   * Marks somebody as verified, or no more. With `compare`, the number or code that the other side shows, only where it is
   * theirs and names this person. @throws `not-the-same`
   */
  setVerified(request: {
    who: string;
    on: boolean;
    by?: "emoji" | "word";
    compare?: string;
  }): Promise<PersonInfo>;
  /**
   * Compares over a live link: resolves when the other person asks for it too, with what both are to read to each other. Marks
   * nobody. @throws `not-connected`, `verify-unanswered`, `bad-verify`
   */
  compareLive(request: { who: string; waitMs?: number }): Promise<ComparisonInfo>;
}
