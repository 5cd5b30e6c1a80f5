import Analysis
import Base
import Metrics
import Rendering
import Session
import Twin
import Workspace

extension ReportMaterial {
  /// The files, settings and definitions behind every number.
  var provenanceChapter: ReportDocument.Chapter {
    ReportDocument.Chapter(
      "provenance", "Where the numbers come from",
      findings: [
        "The same files and the same vcsh give the same report, byte for byte. Each chapter ends with the commands that reproduce its numbers."
      ],
      parts: [.fields(conditions), .table("Files", files), .table("Metrics", definitions)],
      commands: ["lineage \(twin.name)", "lineage \(recordingName)", commands.report])
  }

  private var conditions: Record {
    var record = Record([
      ("vcsh", .string(ThisProgram.version)), ("numerics", .int(TwinNetwork.numericsVersion)),
      ("weights", .string(twin.weightsDigest)),
      (
        "splits",
        .string(
          sources.map { source in
            let configuration = source.stimulus.configuration
            return
              "\(source.stimulus.name): \(ReportNumber.text(configuration.trainFraction)) of the trials for training, seed \(configuration.seed)"
          }.joined(separator: "; "))
      ),
      (
        "intervals",
        .string(
          "studentized bootstrap of cells, \(ReportNumber.text(Bootstrap.level * 100)) %, \(Bootstrap.samples) resamples, seed \(Bootstrap.seed); none for fewer than \(MeanBounds.fewest) cells"
        )
      ),
      ("null", .string("bits/spike against the mean rate of the scored bins")),
      ("noise ceilings", .string("time bins with at least \(Repeats.Options().minimumTrials) repeats")),
      ("calibration", .string("affine, trials alternate between the two halves")),
    ])
    if let fields = try? fields.get() {
      record["fields"] = .string("\(fields.stimulus), split all, \(fields.lagCount) lags, frames not whitened")
    }
    if sources.contains(where: \.withoutBehavior) { record["behaviour"] = .string("left out") }
    return record
  }

  private var files: Table {
    let rows: [(what: String, file: FileReference)] =
      twin.payload.files.map { ("twin", $0) }
      + recording.files.map { ("recording", $0) }
    var table = Table([
      Column("of", rows.map { Optional($0.what) }), Column("file", rows.map { Optional($0.file.path) }),
      Column("bytes", rows.map { Optional($0.file.byteCount) }),
      Column("fingerprint", rows.map { Optional($0.file.fingerprint) }),
    ])
    table.note =
      "SHA-256, of torch archives over their directory; relative paths are from the workspace"
      + (twin.payload.overlay.map { "; tensors changed since the checkpoint: object \($0)" } ?? "")
    return table
  }

  private var definitions: Table {
    let metrics = AllMetrics.types.filter { metric in judged.contains { $0.metrics.contains { $0 == metric } } }
    return Table(
      [
        Column("metric", metrics.map { Optional($0.name) }), Column("version", metrics.map { Optional($0.version) }),
        Column("unit", metrics.map { $0.unit }), Column("what", metrics.map { Optional($0.summary) }),
      ], note: "`explain METRIC` gives the formula, the undefined cases and the source")
  }
}
