import Base

/// Responses to events as tables.
package enum TriggeredTable {
  /// One bin of a cell's response.
  package struct BinRow: Sendable {
    var cid: CellID
    var time: Double
    var bin: TriggeredResponse.Bin
    var rateHz: Double

    /// Counts a frame as a rate.
    func hz(_ value: Double?) -> Double? { value.map { $0 * rateHz } }
  }

  package static let binColumns = TableShape<BinRow>([
    .int("cid", "The cell's id in its recording") { $0.cid },
    .float("time_ms", unit: "ms", "From the event to the middle of the bin") { $0.time },
    .int("events", "Events with a valid frame in the bin") { $0.bin.events },
    .float("data_hz", unit: "Hz", "Mean rate of the data over these events") { $0.hz($0.bin.observed) },
    .float("data_low", unit: "Hz", "Lower end of its 95% bootstrap interval over events") { $0.hz($0.bin.low) },
    .float("data_high", unit: "Hz", "Upper end of its 95% bootstrap interval over events") { $0.hz($0.bin.high) },
    .float("model_hz", unit: "Hz", "Mean of the twin's rates over the same valid frames") { $0.hz($0.bin.predicted) },
    .string("reason", "Why a number is undefined") { $0.bin.reason?.rawValue },
  ])

  /// A row for each cell and bin.
  package static func bins(_ responses: [TriggeredResponse]) -> Table {
    binColumns.table(
      responses.flatMap { response in
        zip(response.times, response.bins).map {
          BinRow(cid: response.cid, time: $0, bin: $1, rateHz: response.rateHz)
        }
      })
  }

  /// A cell's response with its summary.
  package struct SummaryRow: Sendable {
    var response: TriggeredResponse
    var times: [Double]
    var summary: TriggeredSummary

    init(_ response: TriggeredResponse) {
      self.response = response
      times = response.times
      summary = TriggeredSummary(response)
    }

    /// Counts a frame as a rate.
    func hz(_ value: Double?) -> Double? { value.map { $0 * response.rateHz } }
  }

  package static let summaryColumns = TableShape<SummaryRow>([
    .int("cid", "The cell's id in its recording") { $0.response.cid },
    .int("events", "Events with a valid frame in the window") { $0.response.eventCount },
    .count("spikes", "Spikes in the window, over all events") { $0.summary.spikes },
    .float("data_hz", unit: "Hz", "Mean over the bins of the data's rate") { $0.hz($0.summary.rate) },
    .float("model_hz", unit: "Hz", "Mean over the bins of the twin's rate") { $0.hz($0.summary.modelRate) },
    .float("peak_ms", unit: "ms", "Bin with the highest mean rate of the data") { row in
      row.summary.peak.map { row.times[$0] }
    },
    .float("peak_ms_model", unit: "ms", "Bin with the highest mean rate of the twin") { row in
      row.summary.modelPeak.map { row.times[$0] }
    },
    .float("modulation", "Data: standard deviation over bins, beyond chance differences between events, over the mean")
    {
      $0.summary.modulation
    },
    .float("modulation_model", "Twin: standard deviation over bins, over the mean") { $0.summary.modelModulation },
    .float("r_course", "Correlation over bins of the mean rates of data and twin") { $0.summary.correlation },
    .string("reason", "Why a number is undefined") { $0.summary.reason?.rawValue },
  ])

  /// A row for each cell.
  package static func summary(_ responses: [TriggeredResponse]) -> Table {
    summaryColumns.table(responses.map { SummaryRow($0) })
  }
}
