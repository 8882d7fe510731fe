export function withLock<Result>(root: string, work: () => Result): Result;
