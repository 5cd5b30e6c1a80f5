import Analysis
import Base
import Rendering

extension ReportMaterial {
  /// What a wrong scale and offset cost, and what no rescaling changes.
  var calibrationChapter: ReportDocument.Chapter {
    let calibration = ReportCalibration(judged)
    return ReportDocument.Chapter(
      "calibration", "Calibration",
      findings: zip(judged, calibration.costs).compactMap { judged, cost in cost.map { Self.finding(judged, $0) } },
      parts: [.table("Gain and offset by stimulus", calibration.table)]
        + [.figures(zip(judged, calibration.gains).flatMap(Self.figures))],
      commands: judged.flatMap { judged in
        let cells = commands.gain(judged.part)
        let summaries = ReportCalibration.summaries.map { "\($0.function)(\($0.column))" }
        return [
          "\(cells) | summarize \(summaries.joined(separator: " "))",
          "\(cells) | plot bits_per_spike bits_per_spike_calibrated --diagonal", "\(cells) | plot gain offset",
        ]
      })
  }

  private static func finding(_ judged: JudgedStimulus, _ cost: ReportCalibration.Cost) -> String {
    "\(judged.label): \(ReportNumber.text(cost.raw.mean)) bits/spike as predicted. A gain per cell (median \(ReportNumber.text(cost.medianGain))) adds \(ReportNumber.text(cost.scale)), an offset a further \(ReportNumber.text(cost.offset)), each half of the bins scored with the fit from the other half. With both the score is \(ReportNumber.text(cost.calibrated)): it depends on the model's structure, whatever its scale."
  }

  private static func figures(_ judged: JudgedStimulus, _ gain: Table) -> [Figure] {
    [
      plot(gain, judged.label) {
        $0.x = "bits_per_spike"
        $0.y = "bits_per_spike_calibrated"
        $0.hasDiagonal = true
      },
      plot(gain, judged.label) {
        $0.x = "gain"
        $0.y = "offset"
      },
    ].compactMap(\.self)
  }
}
