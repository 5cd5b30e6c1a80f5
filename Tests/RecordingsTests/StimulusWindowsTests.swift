import Base
import Formats
import Recordings
import Testing

struct StimulusWindowsTests {
  /// The normalised first pixel of a frame of the small stimulus; the second is one grey level brighter.
  func pixels(_ frames: Int...) -> [Float] {
    frames.flatMap { [Float(10 * $0) / 255, Float(10 * $0 + 1) / 255] }
  }

  @Test("A window holds the frames before its own, newest first")
  func windowHoldsFrames() throws {
    let windows = try smallStimulus().windows(frames: [4, 2], lags: [0, 1, 2])
    #expect(windows.shape == [2, 1, 3, 1, 2])
    #expect(windows.values == pixels(4, 3, 2, 2, 1, 0))
  }

  @Test("Lags keep the order in which they are listed")
  func lagsKeepOrder() throws {
    #expect(try smallStimulus().windows(frames: [5], lags: [3, 0]).values == pixels(2, 5))
  }

  @Test("The YAML's lags are used where none are given")
  func yamlLagsUsed() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.lags = ["stim": [1]]
    #expect(try smallStimulus(configuration).windows(frames: [3]).values == pixels(2))
    let failure = #expect(throws: Failure.self) { try smallStimulus().windows(frames: [3]) }
    #expect(failure?.message == "Rec/gaborium: the lags of the stimulus are unknown")
  }

  @Test("A lag before the first frame wraps to the end")
  func lagBeforeFirst() throws {
    #expect(try smallStimulus().windows(frames: [1], lags: [0, 2]).values == pixels(1, 5))
  }

  @Test("A negative lag looks ahead, but not past the end")
  func negativeLagLooks() throws {
    #expect(try smallStimulus().windows(frames: [1], lags: [-2]).values == pixels(3))
    let failure = #expect(throws: Failure.self) { try smallStimulus().windows(frames: [5], lags: [-1]) }
    #expect(failure?.message == "Rec/gaborium: frame 5 at lag -1 lies outside its 6 frames")
  }

  @Test("A frame outside the recording is refused")
  func frameOutsideRecording() throws {
    for frame in [6, -1] {
      let failure = #expect(throws: Failure.self) { try smallStimulus().windows(frames: [frame], lags: [0]) }
      #expect(failure?.message == "Rec/gaborium: frame \(frame) at lag 0 lies outside its 6 frames")
    }
  }

  @Test("Only the rows that are shown are read, each once")
  func onlyRowsShown() throws {
    let stimulus = try smallStimulus()
    _ = try stimulus.windows(frames: [1, 2, 5], lags: [0, 1])
    #expect(try #require(stimulus.source as? MemorySource).rowsRead == [0..<3, 4..<6])
  }

  @Test("No frames give an empty batch")
  func noFramesGive() throws {
    #expect(try smallStimulus().windows(frames: [], lags: [0, 1]).shape == [0, 1, 2, 1, 2])
  }
}
