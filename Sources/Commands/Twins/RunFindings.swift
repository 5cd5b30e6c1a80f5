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
    return Finding.table(
      faults.map {
        Finding($0.isError ? .error : .warning, $0.run, $0.name.rawValue, $0.evidence, remedy: $0.remedy)
      })
  }
}
