import Rendering
import Session

extension ReportMaterial {
  /// The frontend's temporal kernels.
  var kernelChapter: ReportDocument.Chapter {
    let heading = "Frontend kernels"
    switch kernels {
    case .failure(let failure):
      return ReportDocument.Chapter("kernels", heading, findings: ["Not available: \(failure.message)."])
    case .success(let kernels):
      return ReportDocument.Chapter(
        "kernels", heading, findings: kernels.findings + ["The \(kernels.note)."],
        parts: [.figures(kernels.figures), .table("", kernels.table)],
        commands: [
          "temporal \(twin.name)", "temporal \(twin.name) --by lag | plot ms weight --by kernel",
          "temporal \(twin.name) --by frequency | plot hz power --by kernel",
        ])
    }
  }
}
