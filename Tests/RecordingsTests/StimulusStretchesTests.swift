import Base
import Formats
import Recordings
import Testing

struct StimulusStretchesTests {
  @Test("A whole window lies in the recording and in one trial")
  func wholeWindowLies() throws {
    // Trials of three frames: 0-2 and 3-5.
    let stimulus = try smallStimulus()
    #expect(try stimulus.framesWithWholeWindows(Array(0..<6), lagCount: 1) == [0, 1, 2, 3, 4, 5])
    #expect(try stimulus.framesWithWholeWindows(Array(0..<6), lagCount: 2) == [1, 2, 4, 5])
    #expect(try stimulus.framesWithWholeWindows(Array(0..<6), lagCount: 4).isEmpty)
  }

  @Test("Without trials only the recording's beginning and invalid gaze cut a window")
  func trialsOnlyRecording() throws {
    let gaze = MemorySource.Array(shape: [6], scalar: .float32, values: [1, 1, 0, 1, 1, 1])
    let blind = try smallStimulus(changes: ["trial_inds": nil, "dpi_valid": nil])
    #expect(try blind.framesWithWholeWindows(Array(0..<6), lagCount: 3) == [2, 3, 4, 5])
    let looking = try smallStimulus(changes: ["trial_inds": nil, "dpi_valid": gaze])
    #expect(try looking.framesWithWholeWindows(Array(0..<6), lagCount: 2) == [1, 4, 5])
  }

  @Test("Every frame has the frames before it in the rows before it, whatever the limit")
  func everyFrameHas() throws {
    let stimulus = try smallStimulus(changes: ["trial_inds": nil, "dfs": nil, "dpi_valid": nil])
    for limit in [1, 3, 100] {
      var seen: [Int] = []
      try stimulus.eachStretch(of: [2, 3, 5], lagCount: 3, rowLimit: limit) { stretch in
        #expect(stretch.images.shape[0] == stretch.rows.count)
        #expect(stretch.rows == stretch.rows.sorted() && Set(stretch.rows).count == stretch.rows.count)
        for (frame, place) in zip(stretch.frames, stretch.places) {
          #expect(Array(stretch.rows[place - 2...place]) == [frame - 2, frame - 1, frame])
          #expect(Array(stretch.counts[place * 2..<place * 2 + 2]) == [Float(2 * frame), Float(2 * frame + 1)])
        }
        // Rows that only lead to a frame count for nothing.
        let asked = Set(stretch.places)
        for row in stretch.rows.indices { #expect(stretch.mask[row * 2] == (asked.contains(row) ? 1 : 0)) }
        seen += stretch.frames
      }
      #expect(seen == [2, 3, 5])
    }
  }

  @Test("A window that begins before the recording is refused")
  func windowBeginsBefore() throws {
    let failure = #expect(throws: Failure.self) {
      try smallStimulus().eachStretch(of: [1], lagCount: 3, rowLimit: 10) { _ in }
    }
    #expect(failure?.message == "Rec/gaborium: the window of frame 1 begins before the recording")
  }
}
