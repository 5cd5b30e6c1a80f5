import Base
import Foundation
import Language
import Session
import Workspace

/// Lists what is cached, and trims it.
struct CacheCommand: Command {
  static let signature = Signature(
    "cache", in: "workspace", "Lists cached predictions and core features, or trims them"
  )
  .effect(.session(.reports))
  .takesAway()
  .argument(
    "action", .choice(["trim"]), "`trim` removes answers, the least recently used first", optional: true
  )
  .flag("kind", .choice(CachedKind.allCases.map(\.rawValue)), "Only answers of this kind")
  .flag("older", .float, unit: "days", "Trim answers that were not used for this many days")
  .flag("larger-than", .word("size"), "Trim answers that are larger than this: 500MB")
  .flag("to", .word("size"), "Trim until at most this much is left: 2GB")
  .returns(.table(columns.signatures))
  .searchTerms("space", "disk", "cached", "trim", "evict", "features", "predictions")
  .details(
    """
    Each row is a twin's stored answer on a stimulus, for all splits that you asked for. vcsh finds it by a key: the digest of \
    weights, head, stimulus and the recording's configuration. Trimmed answers are computed again when they are needed. \
    `cache trim` lists the answers that it removed. With several limits it removes every answer that exceeds any of them.
    """)

  static let columns = TableShape<CachedAnswer>([
    .string("kind", "predictions or features") { $0.kind },
    .string("twin", "Twin that was asked") { $0.twin },
    .string("stimulus", "Stimulus that it was asked about") { $0.stimulus },
    .int("frames", "Frames with a stored answer") { $0.frames },
    .int("bytes", unit: "B", "Size in the workspace") { $0.bytes },
    .string("created", "When, UTC") { date($0.created) },
    .string("used", "When it was last used, UTC") { date($0.used) },
    .string("key", "Digest of all that the answer depends on, shortened") { String($0.answer.prefix(12)) },
  ])

  private static func date(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: false))
  }

  static let examples = [
    Example("eval twin on sim/gaborium | count; cache | select kind twin stimulus frames", "What is kept"),
    Example("cache trim --to 2GB", "Keep the answers used last, 2 GB of them"),
    Example("cache trim --kind features --older 30", "Remove core features that were not used for a month"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let kind = try call.optionalString("kind")
    let answers = try session.workspace.cachedAnswers().filter { kind == nil || $0.kind == kind }
    let older = try call.optionalFloat("older")
    let larger = try size(call, "larger-than")
    let target = try size(call, "to")
    guard call.isGiven("action") else {
      if let name = ["older", "larger-than", "to"].first(where: call.isGiven) {
        throw Failure(
          .usage, "--\(name) works only with `cache trim`", hint: "write `cache trim --\(name) …`",
          span: call.span(of: name))
      }
      return .table(Self.columns.table(answers, note: Self.total(answers)))
    }
    guard older != nil || larger != nil || target != nil || kind != nil else {
      throw Failure(
        .usage, "cache trim needs a limit", hint: "`cache trim --to 2GB`, or all of it: `clean --caches`",
        span: call.span)
    }
    if let older, !(older >= 0) {
      throw Failure(.usage, "--older takes days from 0 upward", span: call.span(of: "older"))
    }
    let isAll = older == nil && larger == nil && target == nil
    var left = answers.reduce(0) { $0 + $1.bytes }
    let now = Date()
    // Least recently used first, so that the target is reached with the answers that are missed least.
    let chosen = answers.filter { answer in
      let isOld = older.map { now.timeIntervalSince(answer.used) >= $0 * 86_400 } ?? false
      let isLarge = larger.map { answer.bytes > $0 } ?? false
      return isAll || isOld || isLarge
    }
    left -= chosen.reduce(0) { $0 + $1.bytes }
    var removed = chosen
    let keys = Set(chosen.map(\.answer))
    for answer in answers where !keys.contains(answer.answer) {
      guard let target, left > target else { break }
      removed.append(answer)
      left -= answer.bytes
    }
    _ = try session.workspace.forget(answers: removed.map(\.answer))
    return .table(
      Self.columns.table(removed, note: "removed " + Self.total(removed) + "; \(NumberText.bytes(left)) left"))
  }

  private func size(_ call: Call, _ name: String) throws -> Int? {
    try call.optionalString(name).map { try ByteCount.parse($0, span: call.span(of: name)) }
  }

  private static func total(_ answers: [CachedAnswer]) -> String {
    let bytes = answers.reduce(0) { $0 + $1.bytes }
    return "\(answers.count) \(answers.count == 1 ? "answer" : "answers"), \(NumberText.bytes(bytes))"
  }
}
