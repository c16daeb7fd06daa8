// A peer of CometBFT that completes the handshake, as any stranger may, and then sends what no honest one would.
//
// It reads a task as JSON from the standard input and makes every attack at least once, in an order that the seed decides, until
// the input ends. Where it is thrown out it comes again with another key, and goes on with the next message. It prints
// what became of each attack as a line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"sync"
	"sync/atomic"
)

type task struct {
	// Where nodes listen for peers, host:port; they are visited in turns.
	Addresses []string `json:"addresses"`
	// Where strangers take every place for peers, and stay.
	Crowded []string `json:"crowded"`
	// Chain id.
	Network string `json:"network"`
	Seed    int64  `json:"seed"`
	// Entries for the pool of transactions, base64 in JSON.
	Groups []group `json:"groups"`
}

// Entries that go to the pool of transactions together.
type group struct {
	Name    string   `json:"name"`
	Entries [][]byte `json:"entries"`
}

// Connections at a time: CometBFT takes 40 at most, and this is no test of that.
const workers = 4

func main() {
	var job task
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		fmt.Fprintln(os.Stderr, "expected a task as JSON:", err)
		os.Exit(2)
	}
	stop := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	seen := &seen{copies: map[byte][][]byte{}}
	crowd(job, seen)
	if len(job.Addresses) > 0 {
		visit(job, seen, stop)
	}
	<-stop
}

// visit makes attacks until it is told to stop.
func visit(job task, seen *seen, stop <-chan struct{}) {
	attacks := attacksOf(job)
	order := rand.New(rand.NewSource(job.Seed)).Perm(len(attacks))
	lines := json.NewEncoder(os.Stdout)
	var printing sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				turn := int(next.Add(1)) - 1
				if turn >= len(attacks) && isOver(stop) {
					return
				}
				random := rand.New(rand.NewSource(job.Seed + int64(turn)))
				to := visitor{address: job.Addresses[turn%len(job.Addresses)], network: job.Network, seen: seen}
				result := to.make(attacks[order[turn%len(order)]], random)
				printing.Lock()
				_ = lines.Encode(result)
				printing.Unlock()
			}
		}()
	}
	all.Wait()
}

func isOver(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
