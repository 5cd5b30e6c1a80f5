import Analysis
import Base
import Language
import Runs
import Session
import Workspace

/// What `check` finds in runs of other tools.
enum RunFindings {
  /// - Parameter word: a run, or a set, whose runs are also compared with each other.
  static func table(_ word: String, _ call: Call, _ session: Session) throws -> Table {
    let span = call.span(of: "twin")
    let isSet = try session.workspace.lookup(word)?.kind == .runs
    let chosen = try isSet ? session.runs(meantBy: word, at: span) : [session.run(meantBy: word, at: span)]
    for flag in ["stimulus", "input", "head"] where call.isGiven(flag) {
      throw Failure(
        .usage, "`\(word.shortened)` is a run: only a twin is checked on an input", span: call.span(of: flag))
    }
    var faults: [RunFault] = []
    for named in chosen {
      try session.work.cancellation.check()
      faults += try RunCheck.faults(of: named.run, in: named.runs)
    }
    if isSet { faults += RunCheck.pairs(chosen.map(\.run)) }
    return Finding.table(findings(faults, of: chosen.count))
  }

  /// Names of runs in a line.
  private static let mostNames = 8

  /// A line for each fault, and one for all runs with the same one and the same evidence.
  ///
  /// - Parameter count: of the runs that were looked at.
  private static func findings(_ faults: [RunFault], of count: Int) -> [Finding] {
    struct Same: Hashable { var name, evidence, remedy: String }
    var order: [Same] = []
    var groups: [Same: [RunFault]] = [:]
    for fault in faults {
      let same = Same(name: fault.name.rawValue, evidence: fault.evidence, remedy: fault.sharedRemedy ?? "")
      if groups[same] == nil { order.append(same) }
      groups[same, default: []].append(fault)
    }
    return order.compactMap { same in
      guard let group = groups[same], let first = group.first else { return nil }
      var (part, evidence) = (first.run, first.evidence)
      if group.count > 1 {
        part = group.count == count ? "all \(count) runs" : "\(group.count) runs"
        if group.count < count { evidence += "; in \(group.map(\.run).listed(first: mostNames))" }
      }
      let remedy = group.count > 1 ? first.sharedRemedy : first.remedy
      return Finding(first.isError ? .error : .warning, part, first.name.rawValue, evidence, remedy: remedy)
    }
  }
}
