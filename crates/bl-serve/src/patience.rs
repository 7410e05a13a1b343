//! A stream that fails when its reader takes too little for too long: or whoever asks and does not listen, or takes a byte
//! now and then, would keep a connection and the memory of its answer for ever.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Bytes a second that a reader takes at least.
const SLOWEST: f64 = (32 << 10) as f64;

pub(crate) struct Patience<S> {
    stream: S,
    limit: Duration,
    /// Since a write could not go on: until when the reader must have taken so much more.
    stalled: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S: AsyncWrite + Unpin> Patience<S> {
    pub(crate) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, stalled: None }
    }

    fn write(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = write(Pin::new(&mut self.stream), cx) {
            let taken = *result.as_ref().unwrap_or(&0);
            self.stalled =
                self.stalled.take().and_then(|(until, left)| Some((until, left.checked_sub(taken)?)));
            return Poll::Ready(result);
        }
        let limit = self.limit;
        let begin = || (Box::pin(tokio::time::sleep(limit)), (SLOWEST * limit.as_secs_f64()) as usize);
        let (until, _) = self.stalled.get_or_insert_with(begin);
        ready!(until.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Comes when all of an answer is written: the next has its own time. Of a socket it is done at once.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stalled = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn who_takes_too_little_is_cut_off() {
        const ANSWER: usize = 200_000;
        /// Sends an answer to a reader that takes so many bytes at a time, and says whether all of it was taken.
        async fn check(at_a_time: usize, pause: u64) -> bool {
            let (stream, mut reader) = duplex(1000);
            let mut stream = Patience::new(stream, Duration::from_millis(300));
            let reading = tokio::spawn(async move {
                let mut part = vec![0; at_a_time];
                while reader.read(&mut part).await.is_ok_and(|read| read > 0) {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
            });
            let sent = stream.write_all(&vec![0; ANSWER]).await;
            reading.abort();
            sent.map_err(|error| assert_eq!(error.kind(), io::ErrorKind::TimedOut)).is_ok()
        }
        assert!(!check(1, 20).await, "a byte now and then");
        assert!(!check(1000, 200).await, "far below the slowest");
        assert!(check(1000, 1).await, "slow, and fast enough");
        assert!(check(ANSWER, 0).await);
    }
}
