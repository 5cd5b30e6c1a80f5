import Base
import Formats
import Foundation
import RunLogs
import TestSupport
import Testing
import TrainingCommands

@Suite struct CheckpointMirrorTests {
  @Test("A checkpoint gives an event file a histogram of each tensor and a picture of the frontend's kernels")
  func mirrored() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let checkpoint = Fixtures.path("twin_lag0/twin_lag0.ckpt")
    let writer = try EventFileWriter(folder: folder)
    try CheckpointMirror.write(checkpoint, to: writer, step: 40)
    let log = try TensorBoardLog.read(folder, names: [(writer.path as NSString).lastPathComponent])
    let tensors = try Checkpoint(path: checkpoint).arrayNames
    let histograms = log.media.filter { $0.kind == .histogram }
    #expect(histograms.count == tensors.count && histograms.allSatisfy { $0.tag.hasPrefix("weights/") })
    let image = try #require(log.media.first { $0.kind == .image })
    let kernels = try #require(Checkpoint(path: checkpoint).info("frontend.temporal_conv.conv.weight")).shape
    #expect(image.tag == "kernels/frontend" && image.height == 10 * kernels[0] && image.width == 10 * kernels[2])
    // What is no checkpoint gives nothing.
    try CheckpointMirror.write(folder, to: writer, step: 41)
  }
}
