package main

import (
	"math/rand"
	"time"
)

const (
	// How long a peer that has just come in waits to be told at which height the other is.
	greetingTime = 150 * time.Millisecond
	// A message is taken, or the connection ended, by then.
	patience = 2 * time.Second
	// Between two tries to connect, and how many there are: a node may be starting.
	pause = 100 * time.Millisecond
	tries = 100
	// Times that an attack comes again after it was thrown out.
	returns = 16
)

// What became of an attack.
type result struct {
	Name        string `json:"name"`
	Connections int    `json:"connections"`
	// Messages with which the node ended the connection.
	ThrownOut int `json:"thrownOut"`
	Messages  int `json:"messages"`
	Bytes     int `json:"bytes"`
	// Why no connection came about; empty where one did.
	Refused string `json:"refused"`
}

// Somebody who comes to a node again and again.
type visitor struct {
	address string
	network string
	seen    *seen
}

// make sends one message after the other, and waits after each until the node is done with it.
func (self visitor) make(what attack, random *rand.Rand) result {
	result := result{Name: what.name}
	guest, err := self.connect()
	for _, message := range what.messages(random, self.seen) {
		if err != nil {
			break
		}
		result.Messages++
		result.Bytes += len(message)
		if guest.deliver(what, message) {
			continue
		}
		guest.close()
		result.ThrownOut++
		if result.ThrownOut > returns {
			break
		}
		guest, err = self.connect()
	}
	result.Connections = result.ThrownOut + 1
	if err != nil {
		result.Connections--
		result.Refused = err.Error()
		return result
	}
	guest.close()
	return result
}

func (self visitor) connect() (*peer, error) {
	guest, err := connect(self.address, self.network, self.seen)
	for count := 1; err != nil && count < tries; count++ {
		time.Sleep(pause)
		guest, err = connect(self.address, self.network, self.seen)
	}
	if err == nil {
		wait(guest.greeted, greetingTime)
	}
	return guest, err
}
